include: "workflow/Snakefile"


# A file that is included cannot say what is made when no target is named.
rule default:
    default_target: True
    localrule: True
    input:
        rules.all.input,

include: "workflow/Snakefile"


# A file that is included cannot say what is made when no target is named.
rule default:
    default_target: True
    input:
        rules.all.input,
    localrule: True

# The families side by side: what they look like, how large and how accurate their networks are.


rule draw_family:
    output:
        cell_svg=f"{RESULTS}/figures/family_{{space}}_cell.svg",
        cell_png=f"{RESULTS}/figures/family_{{space}}_cell.png",
        graph_svg=f"{RESULTS}/figures/family_{{space}}_graph.svg",
        graph_png=f"{RESULTS}/figures/family_{{space}}_graph.png",
    log:
        f"{RESULTS}/logs/draw_family/{{space}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/draw_family/{{space}}.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=1000,
        runtime=15,
    params:
        code=lambda wildcards: code("draw_family", space_code(wildcards.space)),
        settings=drawing_settings,
    message:
        "Drawing a network of {wildcards.space}"
    script:
        "../scripts/draw_family.py"

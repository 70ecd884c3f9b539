# What an architecture is before anything is trained: its size and its paths.


rule measure_sizes:
    output:
        f"{RESULTS}/graphs/{{space}}-{{protocol}}.parquet",
    log:
        f"{RESULTS}/logs/measure_sizes/{{space}}-{{protocol}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/measure_sizes/{{space}}-{{protocol}}.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=1000,
        runtime=15,
    params:
        code=lambda wildcards: code("measure_sizes", space_code(wildcards.space)),
        settings=lambda wildcards: CONFIG.protocols[wildcards.protocol].model_dump(
            include={"networks", "scale", "image_size"}
        ),
    message:
        "Counting parameters, MACs and paths of {wildcards.space}"
    script:
        "../scripts/measure_sizes.py"


# The computation graphs of a whole family, at the size of its labelled networks.
rule describe_networks:
    output:
        f"{RESULTS}/graphs/{{space}}.parquet",
    log:
        f"{RESULTS}/logs/describe_networks/{{space}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/describe_networks/{{space}}.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=1500,
        runtime=30,
    params:
        code=lambda wildcards: code("describe_networks", space_code(wildcards.space)),
        settings=lambda wildcards: network_settings(wildcards.space),
    message:
        "Describing the networks of {wildcards.space}"
    script:
        "../scripts/describe_networks.py"

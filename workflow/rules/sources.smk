# Published files: found in the mirror or downloaded, and verified either way.


rule fetch_source:
    output:
        f"{RESULTS}/sources/{{need}}.json",
    log:
        f"{RESULTS}/logs/fetch_source/{{need}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/fetch_source/{{need}}.tsv"
    conda:
        CORE_ENV
    resources:
        mem_mb=500,
        runtime=60,
    params:
        code=code("fetch_source"),
    message:
        "Fetching and verifying {wildcards.need}"
    script:
        "../scripts/fetch_source.py"


rule prepare_images:
    input:
        published_images,
    output:
        f"{RESULTS}/images/{{images}}-{{size}}.safetensors",
    log:
        f"{RESULTS}/logs/prepare_images/{{images}}-{{size}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/prepare_images/{{images}}-{{size}}.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code("prepare_images"),
    message:
        "Preparing the images of {wildcards.images} at {wildcards.size} pixels"
    script:
        "../scripts/prepare_images.py"


# On request only, e.g. `snakemake results/paper/official/nats_tss_simple.parquet`.
rule read_official:
    input:
        note=f"{RESULTS}/sources/{{source}}.json",
        cells=lambda wildcards: (
            [f"{RESULTS}/graphs/nasbench101-cells.parquet"]
            if wildcards.source.startswith("nasbench101_")
            else []
        ),
    output:
        f"{RESULTS}/official/{{source}}.parquet",
    log:
        f"{RESULTS}/logs/read_official/{{source}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/read_official/{{source}}.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("read_official"),
        graphs=False,
    message:
        "Reading {wildcards.source}"
    script:
        "../scripts/read_official.py"


rule read_official_graphs:
    input:
        note=f"{RESULTS}/sources/gennape_cg_data.json",
    output:
        f"{RESULTS}/official/gennape_graphs.parquet",
    log:
        f"{RESULTS}/logs/read_official_graphs/gennape.log",
    benchmark:
        f"{RESULTS}/benchmarks/read_official_graphs/gennape.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("read_official"),
        graphs=True,
    message:
        "Reading the graphs of GENNAPE"
    script:
        "../scripts/read_official.py"


ruleorder: read_official_graphs > read_official

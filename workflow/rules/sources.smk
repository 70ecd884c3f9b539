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

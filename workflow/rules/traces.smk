# Partial training with snapshots of every layer's weight and gradient statistics.


rule trace_networks:
    input:
        lambda wildcards: image_file(wildcards.images, CONFIG.protocols[wildcards.protocol]),
    output:
        statistics=(
            f"{RESULTS}/traces/{{space}}-{{images}}-{{protocol}}/statistics/shard={{shard}}.parquet"
        ),
        steps=f"{RESULTS}/traces/{{space}}-{{images}}-{{protocol}}/steps/shard={{shard}}.parquet",
    log:
        f"{RESULTS}/logs/trace_networks/{{space}}-{{images}}-{{protocol}}-{{shard}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/trace_networks/{{space}}-{{images}}-{{protocol}}-{{shard}}.tsv"
    conda:
        DEVICE_ENV
    threads: 1
    resources:
        mem_mb=3000,
        runtime=120,
        gpu=int(WANTS_GPU),
    params:
        code=lambda wildcards: code("trace_networks", space_code(wildcards.space)),
        settings=lambda wildcards: CONFIG.protocols[wildcards.protocol].model_dump(
            exclude={"networks", "networks_per_shard"}
        ),
        bounds=lambda wildcards: CONFIG.protocols[wildcards.protocol].bounds(int(wildcards.shard)),
        evaluate_at=lambda wildcards: CONFIG.evaluation_steps(wildcards.protocol),
        device=CONFIG.device,
    message:
        "Tracing {wildcards.space} on {wildcards.images} ({wildcards.protocol}), "
        "shard {wildcards.shard}"
    script:
        "../scripts/trace_networks.py"


rule summarise_traces:
    input:
        lambda wildcards: trace_shards(
            f"{RESULTS}/traces/{wildcards.space}-{wildcards.images}-{wildcards.protocol}",
            "statistics",
            wildcards.protocol,
        ),
    output:
        f"{RESULTS}/traces/{{space}}-{{images}}-{{protocol}}/summary.parquet",
    log:
        f"{RESULTS}/logs/summarise_traces/{{space}}-{{images}}-{{protocol}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/summarise_traces/{{space}}-{{images}}-{{protocol}}.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code("summarise_traces"),
    message:
        "Averaging the traces of {wildcards.space} on {wildcards.images} ({wildcards.protocol})"
    script:
        "../scripts/summarise_traces.py"

# Labels: read from a published table or the shipped mini benchmark, or trained by ourselves.


def label_sources(wildcards):
    """Return the files that the labels of a space are read from."""
    tasks = [task for task in CONFIG.tasks.values() if task.space == wildcards.space]
    files = []
    if any(task.labels == "real" for task in tasks):
        files.append(f"{RESULTS}/sources/{wildcards.space}_labels.json")
    if any(task.labels == "minibench" for task in tasks):
        images = sorted({task.label_images or task.images for task in tasks})
        for name in images:
            folder = f"resources/minibench/{wildcards.space}/{name}"
            shards = glob_wildcards(f"{folder}/shard={{shard}}.parquet").shard
            files.extend(f"{folder}/shard={shard}.parquet" for shard in sorted(shards, key=int))
    return files


rule collect_labels:
    input:
        label_sources,
    output:
        f"{RESULTS}/labels/{{space}}.parquet",
    log:
        f"{RESULTS}/logs/collect_labels/{{space}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect_labels/{{space}}.tsv"
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("collect_labels"),
    message:
        "Collecting the labels of {wildcards.space}"
    script:
        "../scripts/collect_labels.py"


def minibench_size(wildcards):
    """Return the image size of a part of the mini benchmark."""
    return CONFIG.minibench[wildcards.space].image_size


rule train_labels:
    input:
        lambda wildcards: (
            f"{RESULTS}/images/{wildcards.images}-{minibench_size(wildcards)}.safetensors"
        ),
    output:
        f"{RESULTS}/minibench/{{space}}/{{images}}/shard={{shard}}.parquet",
    log:
        f"{RESULTS}/logs/train_labels/{{space}}-{{images}}-{{shard}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_labels/{{space}}-{{images}}-{{shard}}.tsv"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
        gpu=0 if CONFIG.device == "cpu" else 1,
    params:
        code=code("train_labels", "nascast.spaces.nasbench201"),
        settings=lambda wildcards: CONFIG.minibench[wildcards.space].model_dump(
            include={"space", "seeds", "scale", "image_size", "recipe"}
        ),
        bounds=lambda wildcards: CONFIG.minibench[wildcards.space].bounds(int(wildcards.shard)),
        device=CONFIG.device,
    message:
        "Training labels of {wildcards.space} on {wildcards.images}, shard {wildcards.shard}"
    script:
        "../scripts/train_labels.py"


rule minibench:
    input:
        [
            f"{RESULTS}/minibench/{space}/{images}/shard={shard}.parquet"
            for space, part in CONFIG.minibench.items()
            for images in part.images
            for shard in part.shards
        ],

# Weight sharing: supernets trained once, and what architectures score with inherited weights.


rule train_supernet:
    input:
        supernet_images,
    output:
        f"{RESULTS}/supernet/{{images}}-seed={{seed}}.parquet",
    log:
        f"{RESULTS}/logs/train_supernet/{{images}}-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_supernet/{{images}}-{{seed}}.tsv"
    wildcard_constraints:
        seed=r"\d+",
    conda:
        DEVICE_ENV
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
        gpu=int(WANTS_GPU),
    params:
        code=lambda wildcards: code("train_supernet", space_code(supernet_space(wildcards.images))),
        settings=supernet_settings,
        device=CONFIG.device,
    message:
        "Training supernets on {wildcards.images}, seed {wildcards.seed}"
    script:
        "../scripts/train_supernet.py"


rule supernets:
    input:
        [
            path
            for supernet in CONFIG.supernets.values()
            for images in supernet.images
            for path in supernet_files(images)
        ],

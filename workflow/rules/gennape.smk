# GENNAPE: computation graphs of full networks, the encoder trained on them, and their embeddings.


rule describe_graph_set:
    input:
        graph_set_cells,
    output:
        f"{RESULTS}/gennape/graphs/{{graph_set}}.parquet",
    log:
        f"{RESULTS}/logs/describe_graph_set/{{graph_set}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/describe_graph_set/{{graph_set}}.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=lambda wildcards: code(
            "describe_graph_set", space_code(CONFIG.gennape.graphs[wildcards.graph_set].space)
        ),
        settings=lambda wildcards: CONFIG.gennape.graphs[wildcards.graph_set].model_dump(),
    message:
        "Describing the graphs of {wildcards.graph_set}"
    script:
        "../scripts/describe_graph_set.py"


rule measure_spectra:
    input:
        lambda wildcards: graph_set_file(wildcards.graph_set),
    output:
        f"{RESULTS}/gennape/spectra/{{graph_set}}.parquet",
    log:
        f"{RESULTS}/logs/measure_spectra/{{graph_set}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/measure_spectra/{{graph_set}}.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        code=code("measure_spectra"),
    message:
        "Measuring the spectra of {wildcards.graph_set}"
    script:
        "../scripts/measure_spectra.py"


rule train_gennape_encoder:
    input:
        graphs=lambda wildcards: graph_set_file(
            CONFIG.gennape.encoders[wildcards.graph_encoder].graphs
        ),
        spectra=lambda wildcards: f"{RESULTS}/gennape/spectra/{CONFIG.gennape.encoders[wildcards.graph_encoder].graphs}.parquet",
    output:
        encoder=f"{RESULTS}/gennape/encoders/{{graph_encoder}}-seed={{seed}}.safetensors",
        card=f"{RESULTS}/gennape/encoders/{{graph_encoder}}-seed={{seed}}.json",
    log:
        f"{RESULTS}/logs/train_gennape_encoder/{{graph_encoder}}-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_gennape_encoder/{{graph_encoder}}-{{seed}}.tsv"
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=4000,
        runtime=480,
    params:
        code=code("train_gennape_encoder"),
        settings=lambda wildcards: CONFIG.gennape.encoders[wildcards.graph_encoder].model_dump(
            include={"networks", "settings"}
        ),
        graphs=lambda wildcards: graph_set_card(
            CONFIG.gennape.encoders[wildcards.graph_encoder].graphs
        ),
    message:
        "Training GENNAPE's encoder {wildcards.graph_encoder}, seed {wildcards.seed}"
    script:
        "../scripts/train_gennape_encoder.py"


rule embed_networks:
    input:
        encoder=f"{RESULTS}/gennape/encoders/{{graph_encoder}}-seed={{seed}}.safetensors",
        graphs=[graph_set_file(name) for name in EMBEDDED],
    output:
        [
            f"{RESULTS}/gennape/embeddings/{{graph_encoder}}-seed={{seed}}/{name}.parquet"
            for name in EMBEDDED
        ],
    log:
        f"{RESULTS}/logs/embed_networks/{{graph_encoder}}-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/embed_networks/{{graph_encoder}}-{{seed}}.tsv"
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=2500,
        runtime=60,
    params:
        code=code("embed_networks"),
    message:
        "Embedding networks with {wildcards.graph_encoder}, seed {wildcards.seed}"
    script:
        "../scripts/embed_networks.py"


rule gennape_embeddings:
    input:
        [
            f"{RESULTS}/gennape/embeddings/{encoder}-seed={seed}/{name}.parquet"
            for encoder, settings in CONFIG.gennape.encoders.items()
            for seed in range(settings.seeds)
            for name in EMBEDDED
        ],

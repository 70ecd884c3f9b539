# Predictors: auto-encoders once per source and fold, then every method on every task and fold.


rule train_encoder:
    input:
        lambda wildcards: trace_shards(
            trace_folder(wildcards.experiment, wildcards.images),
            "statistics",
            CONFIG.experiments[wildcards.experiment].protocol,
        ),
    output:
        f"{RESULTS}/models/{{experiment}}/encoder-{{images}}-fold={{fold}}.safetensors",
    log:
        f"{RESULTS}/logs/train_encoder/{{experiment}}-{{images}}-{{fold}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_encoder/{{experiment}}-{{images}}-{{fold}}.tsv"
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=8000,
        runtime=240,
    params:
        code=lambda wildcards: code("train_encoder", space_code(space_of(wildcards.experiment))),
        experiment=lambda wildcards: CONFIG.experiments[wildcards.experiment].model_dump(
            include={"folds", "train_size", "encoder"}
        ),
        networks=lambda wildcards: CONFIG.protocols[
            CONFIG.experiments[wildcards.experiment].protocol
        ].networks,
        space=lambda wildcards: space_of(wildcards.experiment),
    message:
        "Training the auto-encoders of {wildcards.experiment} on {wildcards.images}, "
        "fold {wildcards.fold}"
    script:
        "../scripts/train_encoder.py"


rule encode_traces:
    input:
        traces=lambda wildcards: experiment_traces(wildcards.experiment, "statistics"),
        encoder=f"{RESULTS}/models/{{experiment}}/encoder-{{images}}-fold={{fold}}.safetensors",
    output:
        f"{RESULTS}/codes/{{experiment}}/{{images}}-fold={{fold}}.parquet",
    log:
        f"{RESULTS}/logs/encode_traces/{{experiment}}-{{images}}-{{fold}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/encode_traces/{{experiment}}-{{images}}-{{fold}}.tsv"
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        code=code("encode_traces"),
    message:
        "Encoding all traces of {wildcards.experiment} with the encoder of {wildcards.images}, "
        "fold {wildcards.fold}"
    script:
        "../scripts/encode_traces.py"


rule evaluate_predictors:
    input:
        unpack(family_inputs),
    output:
        f"{RESULTS}/predictions/{{experiment}}/{{task}}/{{family}}-fold={{fold}}.parquet",
    log:
        f"{RESULTS}/logs/evaluate_predictors/{{experiment}}-{{task}}-{{family}}-{{fold}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate_predictors/{{experiment}}-{{task}}-{{family}}-{{fold}}.tsv"
    wildcard_constraints:
        family="trace|crude",
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        code=lambda wildcards: code(
            "evaluate_predictors",
            space_code(space_of(wildcards.experiment)),
            *predictor_code(wildcards.experiment, wildcards.family),
        ),
        experiment=lambda wildcards: CONFIG.experiments[wildcards.experiment].model_dump(
            include={
                "tasks",
                "budgets",
                "folds",
                "seeds",
                "train_size",
                "transfer",
                "settings",
                "regressor",
            }
        ),
        predictors=lambda wildcards: FAMILIES[wildcards.experiment][wildcards.family],
        tasks=lambda wildcards: {
            name: task_settings(name) for name in live_tasks(wildcards.experiment)
        },
        protocol=lambda wildcards: CONFIG.protocols[
            CONFIG.experiments[wildcards.experiment].protocol
        ].model_dump(include={"networks", "batch_size"}),
    message:
        "Evaluating the {wildcards.family} methods of {wildcards.experiment} on {wildcards.task}, "
        "fold {wildcards.fold}"
    script:
        "../scripts/evaluate_predictors.py"


rule score_predictions:
    input:
        predictions=lambda wildcards: experiment_predictions(wildcards.experiment),
        sizes=lambda wildcards: size_file(wildcards.experiment),
    output:
        f"{RESULTS}/scores/{{experiment}}.csv",
    log:
        f"{RESULTS}/logs/score_predictions/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/score_predictions/{{experiment}}.tsv"
    conda:
        CORE_ENV
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("score_predictions"),
        resamples=lambda wildcards: CONFIG.experiments[wildcards.experiment].bootstrap,
    message:
        "Scoring the predictions of {wildcards.experiment}"
    script:
        "../scripts/score_predictions.py"


# Only a tier that runs the whole NAP2 experiment has something to ship.
if "nap2" in CONFIG.experiments:
    SHIPPED_FOLD = folds_of("nap2")[0]

    rule export_checkpoint:
        input:
            codes=lambda wildcards: (
                f"{RESULTS}/codes/nap2/{CONFIG.tasks[wildcards.task].images}"
                f"-fold={SHIPPED_FOLD}.parquet"
            ),
            encoder=lambda wildcards: (
                f"{RESULTS}/models/nap2/encoder-{CONFIG.tasks[wildcards.task].images}"
                f"-fold={SHIPPED_FOLD}.safetensors"
            ),
            labels=lambda wildcards: f"{RESULTS}/labels/{CONFIG.tasks[wildcards.task].space}.parquet",
            sizes=size_file("nap2"),
        output:
            model=f"{RESULTS}/checkpoints/nap2-{{task}}.safetensors",
            card=f"{RESULTS}/checkpoints/nap2-{{task}}.json",
        log:
            f"{RESULTS}/logs/export_checkpoint/{{task}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/export_checkpoint/{{task}}.tsv"
        conda:
            TORCH_ENV
        threads: 1
        resources:
            mem_mb=4000,
            runtime=60,
        params:
            code=code("export_checkpoint", space_code(space_of("nap2"))),
            fold=SHIPPED_FOLD,
            interval=CONFIG.protocols[CONFIG.experiments["nap2"].protocol].interval,
            networks=CONFIG.protocols[CONFIG.experiments["nap2"].protocol].networks,
            protocol=CONFIG.protocols[CONFIG.experiments["nap2"].protocol].model_dump(
                exclude={"networks", "networks_per_shard"}
            ),
            task=lambda wildcards: task_settings(wildcards.task),
            trace=lambda wildcards: (
                f"{CONFIG.tasks[wildcards.task].space}-{CONFIG.tasks[wildcards.task].images}-"
            ),
            experiment=CONFIG.experiments["nap2"].model_dump(
                include={"folds", "train_size", "budgets", "regressor"}
            ),
        message:
            "Exporting a NAP2 checkpoint of {wildcards.task}"
        script:
            "../scripts/export_checkpoint.py"

# Predictors: auto-encoders once per source and fold, then every method on every task and fold.


def experiment_traces(kind):
    """Return an input function: all trace shards of every image set of an experiment."""

    def files(wildcards):
        experiment = CONFIG.experiments[wildcards.experiment]
        return [
            f"{RESULTS}/traces/{space_of(wildcards.experiment)}-{images}-{experiment.protocol}"
            f"/{kind}/shard={shard}.parquet"
            for images in traced_images(wildcards.experiment)
            for shard in CONFIG.protocols[experiment.protocol].shards
        ]

    return files


def source_traces(wildcards):
    """Return the trace shards of the image set that an encoder is trained on."""
    experiment = CONFIG.experiments[wildcards.experiment]
    return [
        f"{RESULTS}/traces/{space_of(wildcards.experiment)}-{wildcards.images}-"
        f"{experiment.protocol}/statistics/shard={shard}.parquet"
        for shard in CONFIG.protocols[experiment.protocol].shards
    ]


rule train_encoder:
    input:
        source_traces,
    output:
        f"{RESULTS}/models/{{experiment}}/encoder-{{images}}-fold={{fold}}.safetensors",
    log:
        f"{RESULTS}/logs/train_encoder/{{experiment}}-{{images}}-{{fold}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_encoder/{{experiment}}-{{images}}-{{fold}}.tsv"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=240,
    params:
        code=code("train_encoder", "nascast.spaces.nasbench201"),
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
        traces=experiment_traces("statistics"),
        encoder=f"{RESULTS}/models/{{experiment}}/encoder-{{images}}-fold={{fold}}.safetensors",
    output:
        f"{RESULTS}/codes/{{experiment}}/{{images}}-fold={{fold}}.parquet",
    log:
        f"{RESULTS}/logs/encode_traces/{{experiment}}-{{images}}-{{fold}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/encode_traces/{{experiment}}-{{images}}-{{fold}}.tsv"
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


def family_inputs(wildcards):
    """Return what one job reads: labels, sizes, steps, summaries and the source's codes."""
    experiment = CONFIG.experiments[wildcards.experiment]
    space, protocol = space_of(wildcards.experiment), experiment.protocol
    images = CONFIG.tasks[wildcards.task].images
    files = {
        "labels": f"{RESULTS}/labels/{space}.parquet",
        "sizes": f"{RESULTS}/graphs/{space}-{protocol}.parquet",
        "steps": experiment_traces("steps")(wildcards),
        "summaries": [
            f"{RESULTS}/traces/{space}-{traced}-{protocol}/summary.parquet"
            for traced in traced_images(wildcards.experiment)
        ],
    }
    if wildcards.family == "trace":
        files["codes"] = (
            f"{RESULTS}/codes/{wildcards.experiment}/{images}-fold={wildcards.fold}.parquet"
        )
    return files


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
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        code=lambda wildcards: code(
            "evaluate_predictors",
            "nascast.spaces.nasbench201",
            *predictor_modules(wildcards.experiment, wildcards.family),
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
        predictors=lambda wildcards: family_members(wildcards.experiment, wildcards.family),
        tasks=lambda wildcards: {
            name: CONFIG.tasks[name].model_dump() for name in live_tasks(wildcards.experiment)
        },
        protocol=lambda wildcards: CONFIG.protocols[
            CONFIG.experiments[wildcards.experiment].protocol
        ].model_dump(include={"networks", "batch_size"}),
    message:
        "Evaluating the {wildcards.family} methods of {wildcards.experiment} on {wildcards.task}, "
        "fold {wildcards.fold}"
    script:
        "../scripts/evaluate_predictors.py"


def experiment_predictions(wildcards):
    """Return all predictions of an experiment."""
    return [
        f"{RESULTS}/predictions/{wildcards.experiment}/{task}/{family}-fold={fold}.parquet"
        for task in live_tasks(wildcards.experiment)
        for family in families_of(wildcards.experiment)
        for fold in folds_of(wildcards.experiment)
    ]


rule score_predictions:
    input:
        predictions=experiment_predictions,
        sizes=lambda wildcards: (
            f"{RESULTS}/graphs/{space_of(wildcards.experiment)}-"
            f"{CONFIG.experiments[wildcards.experiment].protocol}.parquet"
        ),
    output:
        f"{RESULTS}/scores/{{experiment}}.csv",
    log:
        f"{RESULTS}/logs/score_predictions/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/score_predictions/{{experiment}}.tsv"
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

# One self-contained page a report: tables, figures, and where every number comes from.


def report_experiment(report):
    """Return the one experiment that a report's tables come from."""
    names = {CONFIG.tables[table].experiment for table in CONFIG.reports[report]}
    if len(names) != 1:
        raise ValueError(f"report {report} mixes the experiments {sorted(names)}")
    return names.pop()


def report_inputs(wildcards):
    """Return tables, scores, predictions, and the traces that the figures show."""
    name = report_experiment(wildcards.report)
    protocol = CONFIG.experiments[name].protocol
    first = CONFIG.tasks[live_tasks(name)[0]]
    trace = f"{RESULTS}/traces/{first.space}-{first.images}-{protocol}"
    return {
        "tables": [f"{RESULTS}/tables/{table}.csv" for table in CONFIG.reports[wildcards.report]],
        "fragments": [
            f"{RESULTS}/tables/{table}.html" for table in CONFIG.reports[wildcards.report]
        ],
        "scores": f"{RESULTS}/scores/{name}.csv",
        "predictions": [
            f"{RESULTS}/predictions/{name}/{task}/{family}-fold={fold}.parquet"
            for task in live_tasks(name)
            for family in families_of(name)
            for fold in folds_of(name)
        ],
        "labels": f"{RESULTS}/labels/{space_of(name)}.parquet",
        "sizes": f"{RESULTS}/graphs/{space_of(name)}-{protocol}.parquet",
        "steps": [
            f"{trace}/steps/shard={shard}.parquet" for shard in CONFIG.protocols[protocol].shards
        ],
        "statistics": f"{trace}/statistics/shard=0.parquet",
    }


rule build_report:
    input:
        unpack(report_inputs),
        page=f"{Path(settings.__file__).parent}/report/templates/report.html",
        style=f"{Path(settings.__file__).parent}/report/templates/report.css",
    output:
        f"{RESULTS}/{{report}}.html",
    log:
        f"{RESULTS}/logs/build_report/{{report}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/build_report/{{report}}.tsv"
    wildcard_constraints:
        report="|".join(CONFIG.reports),
    resources:
        mem_mb=1500,
        runtime=15,
    params:
        code=code("build_report"),
        tier=CONFIG.tier,
        tables=lambda wildcards: CONFIG.reports[wildcards.report],
        experiment=lambda wildcards: CONFIG.experiments[
            report_experiment(wildcards.report)
        ].model_dump(exclude={"encoder", "regressor"}),
        protocol=lambda wildcards: CONFIG.protocols[
            CONFIG.experiments[report_experiment(wildcards.report)].protocol
        ].model_dump(),
        tasks=lambda wildcards: {
            name: CONFIG.tasks[name].model_dump()
            for name in live_tasks(report_experiment(wildcards.report))
        },
    message:
        "Building {wildcards.report}.html"
    script:
        "../scripts/build_report.py"

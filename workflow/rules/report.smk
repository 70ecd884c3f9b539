# One self-contained page a report: tables, figures, and where every number comes from.


rule build_report:
    input:
        unpack(report_inputs),
        page=library_file("report/templates/report.html"),
        style=library_file("report/templates/report.css"),
    output:
        f"{RESULTS}/{{report}}.html",
    log:
        f"{RESULTS}/logs/build_report/{{report}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/build_report/{{report}}.tsv"
    wildcard_constraints:
        report="|".join(CONFIG.reports),
    conda:
        CORE_ENV
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
            name: task_settings(name) for name in live_tasks(report_experiment(wildcards.report))
        },
    message:
        "Building {wildcards.report}.html"
    script:
        "../scripts/build_report.py"

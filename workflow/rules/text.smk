# Operations as text: their sentences, vectors of encoders, and one encoder that is fine-tuned.
from nascast.tables import operators as operator_tables
from nascast.tables import similarity as similarity_tables
from nascast.text import encoders as text_encoders

TEXT = CONFIG.text
OPERATORS = "resources/operators.yaml"
PARAPHRASES = library_file("text/paraphrases.yaml")


rule tune_encoder:
    input:
        PARAPHRASES,
    output:
        f"{RESULTS}/text/models/{text_sections.TUNED}-seed={{seed}}.safetensors",
    log:
        f"{RESULTS}/logs/tune_encoder/{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/tune_encoder/{{seed}}.tsv"
    wildcard_constraints:
        seed=r"\d+",
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        code=code("tune_encoder"),
        tuning=TEXT.tuning.model_dump(),
    message:
        "Fine-tuning the text encoder, seed {wildcards.seed}"
    script:
        "../scripts/tune_encoder.py"


rule embed_operators:
    input:
        descriptions=OPERATORS,
        paraphrases=PARAPHRASES,
        weights=lambda wildcards: (
            tuned_weights(1) if wildcards.encoder == text_sections.TUNED else []
        ),
    output:
        vector_files("{encoder}"),
    log:
        f"{RESULTS}/logs/embed_operators/{{encoder}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/embed_operators/{{encoder}}.tsv"
    wildcard_constraints:
        encoder="[a-z0-9_-]+",
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=lambda wildcards: code(
            "embed_operators",
            module_code(text_encoders.module_of(wildcards.encoder)),
            *space_codes(),
        ),
        lengths=TEXT.lengths,
        seed=TEXT.seed,
    message:
        "Embedding all operations by {wildcards.encoder}"
    script:
        "../scripts/embed_operators.py"


rule list_operators:
    input:
        descriptions=OPERATORS,
        published=library_file("tables/published/snap_table1.csv"),
    output:
        csv=f"{RESULTS}/tables/{operator_tables.TABLE}.csv",
        md=f"{RESULTS}/tables/{operator_tables.TABLE}.md",
        tex=f"{RESULTS}/tables/{operator_tables.TABLE}.tex",
        html=f"{RESULTS}/tables/{operator_tables.TABLE}.html",
    log:
        f"{RESULTS}/logs/list_operators.log",
    benchmark:
        f"{RESULTS}/benchmarks/list_operators.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("list_operators", *space_codes()),
    message:
        "Listing the sentences of all operations"
    script:
        "../scripts/list_operators.py"


rule compare_operators:
    input:
        weights=tuned_weights(TEXT.tuning_seeds),
        paraphrases=PARAPHRASES,
        published=library_file("tables/published/snap_table8.csv"),
    output:
        csv=f"{RESULTS}/tables/{similarity_tables.TABLE}.csv",
        md=f"{RESULTS}/tables/{similarity_tables.TABLE}.md",
        tex=f"{RESULTS}/tables/{similarity_tables.TABLE}.tex",
        html=f"{RESULTS}/tables/{similarity_tables.TABLE}.html",
    log:
        f"{RESULTS}/logs/compare_operators.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare_operators.tsv"
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("compare_operators"),
    message:
        "Comparing operators before and after fine-tuning"
    script:
        "../scripts/compare_operators.py"


rule text:
    input:
        [path for encoder in TEXT.encoders for path in vector_files(encoder)],
        [table_files(name) for name in TEXT.tables],
    localrule: True


# One short rule a table, as for those of tables.smk.
for name in TEXT.tables:

    rule:
        name:
            name
        input:
            table_files(name),
        localrule: True

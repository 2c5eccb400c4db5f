"""The work of benches/embed.rs, done by sentence-transformers on PyTorch; prints a row of the same record.

    OMP_NUM_THREADS=1 venv/bin/python sentence_transformers_embed.py MODEL_FOLDER TEXTS.jsonl "2,000 summaries" 1 3

The arguments are the model's folder, the texts, what the record calls them, threads and runs. The versions that it
was run with are those of tests/reference/requirements.txt.
"""

import datetime
import json
import statistics
import sys
import time

import sentence_transformers
import torch


def field(name):
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        return next(line.split(":", 1)[1].strip() for line in info if line.split(":")[0].strip() == name)


def timed(work):
    start, cpu_start = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu_start


def main(folder, texts_path, called, threads, runs):
    torch.set_num_threads(threads)
    with open(texts_path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    texts = [record.get("text") or record["summary"] for record in records]
    start = time.perf_counter()
    model = sentence_transformers.SentenceTransformer(folder, device="cpu", local_files_only=True)
    load_ms = (time.perf_counter() - start) * 1e3
    tokens = sum(map(len, model.tokenizer(texts, truncation=True, max_length=model.max_seq_length)["input_ids"]))
    model.encode(texts[:16], show_progress_bar=False)
    times = [timed(lambda: model.encode(texts, batch_size=32, show_progress_bar=False)) for _ in range(runs)]
    wall, cpu = sorted(time[0] for time in times), sorted(time[1] for time in times)
    query = "how do other teams split a database without downtime"
    query_ms = statistics.median(timed(lambda: model.encode(query, show_progress_bar=False))[0] for _ in range(50)) * 1e3
    cpu_name = f"{field('model name')} family {field('cpu family')} model {field('model')}"
    contender = f"sentence-transformers {sentence_transformers.__version__} torch {torch.__version__} f32"
    print(
        f'{datetime.datetime.now(datetime.timezone.utc).date()},-,"{cpu_name}",{contender},"{called}",{len(texts)},'
        f"{tokens},{threads},{runs},{tokens / statistics.median(wall):.0f},{tokens / wall[-1]:.0f},"
        f"{tokens / wall[0]:.0f},{tokens / statistics.median(cpu):.0f},{len(texts) / statistics.median(wall):.1f},"
        f"{query_ms:.1f},{load_ms:.0f}"
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))

"""Fits the weights of `src/article/text/weights.bin`.

    python3 benches/quality/train.py COLLECTION.jsonl...

Takes the seen half of collections as `cargo bench --bench quality` reads them: texts with their
`body`, `title` and `lang`. Of each it makes more: a part of what is around the article left out, and
the article set into what is around another one of the same language. Then it asks syndic what it
sees of every block, and fits the network of `weigh.rs` to tell the article's own. Needs numpy and
jax; takes some ten minutes on two cores.
"""

import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import jax
import jax.numpy as jnp
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
HIDDEN, REACHES = 32, (1, 2, 4, 8, 16)
MADE, EPOCHS, DROPPED, SHRINK, RATE, TITLES = 9, 14, 0.15, 1e-3, 3e-3, 0.05


def seen(collection):
    """Of each text its name, and of each block whether it is the article's own and whether it is
    its title, how many words it has, and its numbers."""
    command = ["cargo", "bench", "-q", "--bench", "quality", "--", "seen", str(collection)]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    texts = []
    for line in lines.splitlines():
        if line.startswith("# "):
            texts.append((line.split()[1], []))
        else:
            texts[-1][1].append(np.array(line.split(), dtype=np.float32))
    return [(name, np.stack(rows)) for name, rows in texts if rows]


def blocks(path):
    parts = (" ".join(part.split()) for part in pathlib.Path(path).read_text().split("\n\n"))
    return [part for part in parts if part]


def bare(text):
    return "".join(c for c in text.lower() if c.isalnum())


def shortened(article):
    """The article with its first paragraphs only, now and then."""
    own = [at for at, (_, is_own) in enumerate(article["blocks"]) if is_own]
    if len(own) < 4 or random.random() < 0.5:
        return article
    dropped = set(own[random.randint(3, len(own) - 1) :])
    kept = [block for at, block in enumerate(article["blocks"]) if at not in dropped]
    return {**article, "blocks": kept}


def thinned(article):
    """The text with a part of what is around the article left out, and captions put into it."""
    own = [at for at, (_, is_own) in enumerate(article["blocks"]) if is_own]
    count = len(article["blocks"])
    first = random.choice([0, random.randint(0, own[0])])
    end = random.choice([count, random.randint(own[-1] + 1, count)])
    share = random.choice([0, 0.15, 0.4, 0.8, 0.95])
    captions = random.choice([0, 0, 0.2])
    kept = []
    for at, (block, is_own) in enumerate(article["blocks"]):
        if is_own and random.random() < captions:
            words = block.split()[: random.randint(2, 8)]
            kept.append(" ".join(words * random.choice([1, 2])))
        is_title = bare(block) == bare(article["title"])
        if is_own or is_title or (first <= at < end and random.random() >= share):
            kept.append(block)
    return kept


def transplanted(article, other):
    """The article with what is around another one, under its own title."""
    own = [block for block, is_own in article["blocks"] if is_own]
    places = sum(is_own for _, is_own in other["blocks"])
    made, used, passed = [], 0, 0
    for block, is_own in other["blocks"]:
        if is_own:
            passed += 1
            upto = len(own) if passed == places else round(passed * len(own) / places)
            made += own[used:upto]
            used = max(used, upto)
        elif article["title"] and bare(block) == bare(other["title"]):
            made.append(article["title"])
        else:
            made.append(block)
    return made


def more(items, folder):
    """Writes the texts that are made of others as a collection."""
    by_language = collections.defaultdict(list)
    for item in items:
        by_language[item["lang"]].append(item)
    with open(folder / "made.jsonl", "w") as out:
        for item in items:
            others = [other for other in by_language[item["lang"]] if other is not item]
            for number in range(MADE):
                article = shortened(item)
                body = "\n\n".join(block for block, is_own in article["blocks"] if is_own)
                alone = number % 3 == 0 or len(others) < 2
                made = thinned(article) if alone else transplanted(article, random.choice(others))
                path = folder / f"{item['number']}-{number}.txt"
                path.write_text("\n\n".join(made))
                line = {"name": path.name, "file": str(path), "body": body, "half": "seen"}
                line["title"] = item["title"]
                out.write(json.dumps(line) + "\n")
    return folder / "made.jsonl"


def labelled(collections_):
    """The texts of the seen half, with their blocks told apart, and what is seen of them."""
    items, texts = [], []
    for collection in map(pathlib.Path, collections_):
        lines = [json.loads(line) for line in collection.read_text().splitlines()]
        gold = {line["name"].replace(" ", "_"): line for line in lines}
        for name, rows in seen(collection):
            line = gold[name]
            if line.get("half") != "seen":
                continue
            texts.append(rows)
            parts = blocks(collection.parent / line["file"])
            if len(parts) == len(rows) <= 1500 and rows[:, 0].sum() >= 3:
                told = list(zip(parts, rows[:, 0] > 0))
                title, language = line.get("title") or "", line.get("lang") or ""
                item = {"blocks": told, "title": title, "lang": language, "number": len(items)}
                items.append(item)
    return items, texts


# ── The network ───────────────────────────────────────────────────────────────────────────────


def initial(key, sights):
    keys = iter(jax.random.split(key, len(REACHES) + 2))
    normal = jax.random.normal
    weights = {"first": normal(next(keys), (sights, HIDDEN)) * np.sqrt(1.5 / sights)}
    weights["first_bias"] = jnp.zeros(HIDDEN)
    for at in range(len(REACHES)):
        scale = np.sqrt(1 / (3 * HIDDEN))
        weights[f"layer{at}"] = normal(next(keys), (3, HIDDEN, HIDDEN)) * scale
        weights[f"bias{at}"] = jnp.zeros(HIDDEN)
    weights["last"] = normal(next(keys), (HIDDEN, 2)) * np.sqrt(1 / HIDDEN)
    weights["last_bias"] = jnp.zeros(2)
    return weights


def judged(weights, numbers, mask, key):
    state = jax.nn.relu(numbers @ weights["first"] + weights["first_bias"]) * mask[..., None]
    for at, reach in enumerate(REACHES):
        key, now = jax.random.split(key)
        state = state * jax.random.bernoulli(now, 1 - DROPPED, state.shape) / (1 - DROPPED)
        before = jnp.pad(state, ((0, 0), (reach, 0), (0, 0)))[:, :-reach]
        after = jnp.pad(state, ((0, 0), (0, reach), (0, 0)))[:, reach:]
        layer = weights[f"layer{at}"]
        made = before @ layer[0] + state @ layer[1] + after @ layer[2] + weights[f"bias{at}"]
        state = (state + jax.nn.relu(made)) * mask[..., None]
    return state @ weights["last"] + weights["last_bias"]


def loss(weights, numbers, own, title, share, mask, key):
    """Cross entropy and one minus F1, both by words; and the title against all other blocks."""
    both_sums = judged(weights, numbers, mask, key)
    sums = both_sums[..., 0]
    chances = jax.nn.log_softmax(jnp.where(mask > 0, both_sums[..., 1], -1e9))
    titles = title.sum(1)
    missed = -(chances * title).sum(1) / jnp.maximum(titles, 1)
    entropy = jnp.maximum(sums, 0) - sums * own + jnp.log1p(jnp.exp(-jnp.abs(sums)))
    likely = jax.nn.sigmoid(sums) * mask
    both = (likely * own * share).sum(1)
    f1 = 2 * both / ((likely * share).sum(1) + (own * share * mask).sum(1) + 1e-6)
    size = sum((value**2).sum() for name, value in weights.items() if "bias" not in name)
    told = (entropy * share * mask).sum() / len(numbers) + (1 - f1).mean()
    return told + TITLES * missed.mean() + SHRINK * size


@jax.jit
def step(weights, mean, spread, count, batch, key, rate):
    slope = jax.grad(loss)(weights, *batch, key)
    mean = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, mean, slope)
    spread = jax.tree.map(lambda a, b: 0.99 * a + 0.01 * b * b, spread, slope)
    moved = lambda weight, m, s: weight - rate * (m / (1 - 0.9**count)) / (
        jnp.sqrt(s / (1 - 0.99**count)) + 1e-8
    )
    return jax.tree.map(moved, weights, mean, spread), mean, spread


def batches(texts, rng):
    """Texts of about one length together, padded to a power of two."""
    by_length = collections.defaultdict(list)
    for rows in texts:
        if len(rows) <= 4096:
            by_length[max(32, 1 << (len(rows) - 1).bit_length())].append(rows)
    made = []
    for length, group in by_length.items():
        rng.shuffle(group)
        size = max(1, 4096 // length)
        for start in range(0, len(group), size):
            chosen = group[start : start + size]
            chosen += [group[at] for at in rng.integers(0, len(group), size - len(chosen))]
            made.append((length, chosen))
    rng.shuffle(made)
    for length, chosen in made:
        shape = (len(chosen), length)
        numbers = np.zeros((*shape, chosen[0].shape[1] - 3), np.float32)
        own, title, share, mask = (np.zeros(shape, np.float32) for _ in range(4))
        for at, rows in enumerate(chosen):
            count = len(rows)
            own[at, :count] = rows[:, 0]
            title[at, :count] = rows[:, 1]
            share[at, :count] = (rows[:, 2] + 1) / (rows[:, 2] + 1).sum()
            numbers[at, :count] = rows[:, 3:]
            mask[at, :count] = 1
        yield numbers, own, title, share, mask


def fit(texts):
    rng, key = np.random.default_rng(1), jax.random.PRNGKey(1)
    every = np.vstack(texts)[:, 3:]
    middle, width = every.mean(0), every.std(0) + 1e-3
    weights = initial(key, every.shape[1])
    mean = jax.tree.map(jnp.zeros_like, weights)
    spread, count = jax.tree.map(jnp.zeros_like, weights), 0
    for epoch in range(EPOCHS):
        rate = RATE * (1 + np.cos(np.pi * epoch / EPOCHS)) / 2 + 1e-5
        for numbers, *others in batches(texts, rng):
            key, now = jax.random.split(key)
            batch = ((numbers - middle) / width, *others)
            count += 1
            weights, mean, spread = step(weights, mean, spread, count, batch, now, rate)
        print("epoch", epoch + 1, "of", EPOCHS, flush=True)
    # The numbers are taken as they are: what brings them to one scale is in the first layer.
    weights["first_bias"] -= (middle / width) @ weights["first"]
    weights["first"] /= width[:, None]
    return weights


def main():
    random.seed(1)
    items, texts = labelled(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        texts += [rows for _, rows in seen(more(items, pathlib.Path(folder)))]
    print(len(texts), "texts")
    weights = fit(texts)
    order = ["first", "first_bias"]
    order += [name for at in range(len(REACHES)) for name in (f"layer{at}", f"bias{at}")]
    order += ["last", "last_bias"]
    flat = np.concatenate([np.ravel(weights[name]) for name in order]).astype("<f4")
    (ROOT / "src/article/text/weights.bin").write_bytes(flat.tobytes())


main()

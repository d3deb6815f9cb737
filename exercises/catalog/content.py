"""Reads the content files. Pure: a directory in, a frozen catalogue or a `ContentError` out."""

import functools
import hashlib
import itertools
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from backend.core.shaping import convert
from exercises.catalog.catalog import Catalog, ContentError
from exercises.catalog.crosschecks import find_problems
from exercises.catalog.shapes import (
    Article,
    ArticleFile,
    ArticleFileWords,
    Content,
    EmergencyFile,
    EmergencyWords,
    ExerciseFile,
    ExerciseWords,
    FactFile,
    HomeCareFile,
    HomeCareWords,
    IntakeFile,
    IntakeQuestion,
    IntakeWords,
    Option,
    PhaseFile,
    PhaseWords,
    ReferenceFile,
    Symptom,
    SymptomFile,
    SymptomWords,
    Translation,
)
from exercises.catalog.translation import localized, spoken_language

CONTENT_DIR = Path(__file__).parent / "content"
VERSION_LENGTH = 12

F = TypeVar("F", bound=Content)
T = TypeVar("T")


@functools.cache
def catalog() -> Catalog:
    """The catalogue that ships with this code, read once."""
    return load()


def catalog_in(language: str) -> Catalog:
    """The catalogue in the language of a BCP 47 tag, English where a text is not translated."""
    return _spoken(spoken_language(catalog(), language))


@functools.cache
def _spoken(language: str) -> Catalog:
    return localized(catalog(), language)


def load(directory: Path = CONTENT_DIR) -> Catalog:
    """The catalogue in `directory`, cross-checked; raises `ContentError`."""
    loaded = _assemble(directory)
    for problem in find_problems(loaded):
        raise problem
    return loaded


def _assemble(directory: Path) -> Catalog:
    exercises = _read(directory, "exercises.toml", ExerciseFile)
    phases = _read(directory, "phases.toml", PhaseFile)
    symptoms = _read(directory, "symptoms.toml", SymptomFile)
    intake = _read(directory, "intake.toml", IntakeFile)
    care = _read(directory, "home_care.toml", HomeCareFile)
    numbers = _read(directory, "emergency_numbers.toml", EmergencyFile)
    references = _read(directory, "references.toml", ReferenceFile)
    facts = _read(directory, "facts.toml", FactFile)
    articles = _read_articles(directory)
    return Catalog(
        version=_version(directory),
        monitoring=exercises.monitoring,
        dose_limits=exercises.dose_limits,
        stop_rules=exercises.stop_rules,
        contraindications=exercises.contraindications,
        conditions=_index("exercises.toml", exercises.conditions, lambda c: c.code),
        exercises=_index("exercises.toml", exercises.exercises, lambda e: e.code),
        retired=exercises.retired,
        gate=phases.gate,
        phases=_index("phases.toml", phases.phases, lambda p: p.id),
        attributes=_index("symptoms.toml", symptoms.attributes, lambda a: a.name),
        symptoms=_index("symptoms.toml", symptoms.symptoms, lambda s: s.code),
        intake_sections=_index("intake.toml", intake.sections, lambda s: s.id),
        intake_questions=_index(
            "intake.toml",
            [_with_options(question, symptoms.symptoms) for question in intake.questions],
            lambda q: q.id,
        ),
        articles=_index("articles", itertools.chain(*map(_licensed, articles)), lambda a: a.id),
        retired_articles=tuple(gone for file in articles for gone in file.retired),
        home_care_licence=care.licence,
        home_care_timing=care.timing,
        home_care=_index("home_care.toml", care.modalities, lambda m: m.id),
        home_care_blocks=_index("home_care.toml", care.blocks, lambda b: b.code),
        default_emergency_number=numbers.default,
        international=numbers.international,
        safety_net=numbers.safety_net,
        emergency_numbers=_index("emergency_numbers.toml", numbers.countries, lambda c: c.code),
        references=_index("references.toml", references.references, lambda r: r.id),
        facts=_index("facts.toml", facts.facts, lambda f: f.id),
        translations={
            path.name: _translation(directory, path.name) for path in _language_folders(directory)
        },
    )


def _read_articles(directory: Path) -> list[ArticleFile]:
    files = sorted((directory / "articles").glob("*.toml"))
    return [_read(directory, f"articles/{path.name}", ArticleFile) for path in files]


def _licensed(file: ArticleFile) -> list[Article]:
    return [
        msgspec.structs.replace(article, licence=article.licence or file.licence)
        for article in file.articles
    ]


def _language_folders(directory: Path) -> list[Path]:
    folders = (path for path in directory.iterdir() if path.is_dir())
    return sorted(path for path in folders if path.name != "articles")


def _translation(directory: Path, language: str) -> Translation:
    return Translation(
        symptoms=_read_words(directory, f"{language}/symptoms.toml", SymptomWords),
        exercises=_read_words(directory, f"{language}/exercises.toml", ExerciseWords),
        home_care=_read_words(directory, f"{language}/home_care.toml", HomeCareWords),
        emergency_numbers=_read_words(
            directory, f"{language}/emergency_numbers.toml", EmergencyWords
        ),
        intake=_read_words(directory, f"{language}/intake.toml", IntakeWords),
        articles=_read_words(directory, f"{language}/articles.toml", ArticleFileWords),
        phases=_read_words(directory, f"{language}/phases.toml", PhaseWords),
    )


def _read_words(directory: Path, file: str, shape: type[F]) -> F:
    return _read(directory, file, shape) if (directory / file).exists() else shape()


def _read(directory: Path, file: str, shape: type[F]) -> F:
    try:
        raw = tomllib.loads((directory / file).read_text(encoding="utf-8"))
        return convert(raw, shape)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        raise ContentError(file, path.strip("`") or "$", message) from None
    except (OSError, ValueError) as error:
        raise ContentError(file, "$", str(error)) from error


def _index(file: str, items: Iterable[T], key: Callable[[T], str]) -> Mapping[str, T]:
    indexed: dict[str, T] = {}
    for item in items:
        if key(item) in indexed:
            raise ContentError(file, key(item), "appears twice")
        indexed[key(item)] = item
    return indexed


def _with_options(question: IntakeQuestion, symptoms: Iterable[Symptom]) -> IntakeQuestion:
    if question.options_from != "red_flag_symptoms":
        return question
    options = tuple(Option(value=s.code, label=s.question) for s in symptoms if s.red_flag)
    return msgspec.structs.replace(question, options=options)


def _version(directory: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*.toml")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(directory).as_posix()}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()[:VERSION_LENGTH]

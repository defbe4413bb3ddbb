"""Spanish, German, French and Chinese messages mean what the English ones mean.

Two small invented catalogues, a shop's and the films of ``worlds``; the values are English, as the
catalogues spell them, and every wording leads to them.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.explanation.wording import wording
from assistant.types import Range, Reading
from assistant.understanding.context import Context
from assistant.understanding.glossary import LANGUAGES
from assistant.understanding.rules import RulesEngine
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Field, Item, ItemId, Schema, Value
from tests.assistant.understanding.worlds import film_engine, shown

SHOP_SCHEMA = Schema(
    noun="product",
    nouns="products",
    fields=(
        Field(name="id", role="id"),
        Field(name="title", role="title"),
        Field(name="category", role="facet", label="category"),
        Field(name="price", role="number", kind="price", label="price", unit="EUR"),
        Field(name="in_stock", role="availability", label="in stock"),
        Field(name="a.waterproof", role="facet", kind="flag", label="waterproof"),
        Field(name="a.weight_g", role="number", label="weight g", unit="g"),
        Field(name="a.colour", role="facet", label="colour"),
        Field(name="a.scent", role="facet", label="scent"),
        Field(name="a.noise_level", role="facet", label="noise level"),
    ),
)


def _product(key: str, category: str, price: float, **own: Value) -> Item:
    fields: dict[str, Value] = {"category": category, "price": price, "in_stock": True}
    fields.update({f"a.{k}": v for k, v in own.items()})
    return Item(id=ItemId(key), title=f"Quorra {key}", text=f"From our {category}.", fields=fields)


SHOP = (
    _product("b1", "backpacks", 80.0, waterproof=True, weight_g=900, colour="black"),
    _product("b2", "backpacks", 120.0, waterproof=False, weight_g=700, colour="red"),
    _product("b3", "backpacks", 45.0, waterproof=True, weight_g=500, colour="green"),
    _product("c1", "scented candles", 20.0, scent="woody", colour="white", weight_g=300),
    _product("c2", "scented candles", 35.0, scent="floral", colour="black", weight_g=300),
    _product("m1", "coffee makers", 90.0, noise_level="quiet", weight_g=2000),
    _product("m2", "coffee makers", 60.0, noise_level="loud", weight_g=1500),
    _product("m3", "coffee makers", 75.0, noise_level="silent", weight_g=1800),
)
shop_engine = RulesEngine(Vocabulary.build(SHOP_SCHEMA, SHOP))
SLATE = Context(
    slate=tuple(ItemId(k) for k in ("b1", "b2", "b3")),
    items={i.id: i for i in SHOP},
    recent=("backpack",),
)

P100, P59 = {"price": Range(max=100)}, {"price": Range(max=59.9)}
UNDER_800 = {"a.weight_g": Range(max=800, under=True)}
UNDER_100 = {"price": Range(max=100, under=True)}
P60_90 = {"price": Range(min=60, max=90)}
LIGHT = {"a.weight_g": Range(max=800)}
BACKPACK, COFFEE = {"category": ("backpacks",)}, {"category": ("coffee makers",)}
WATERPROOF = {"category": ("backpacks",), "a.waterproof": ("true",)}
SHOP_WISHES: list[tuple[str, dict[str, Any], dict[str, Range]]] = [
    ("Busco una mochila impermeable de menos de 100 euros", WATERPROOF, UNDER_100),
    ("¿Tenéis mochilas resistentes al agua? máximo 59,90 €", WATERPROOF, P59),
    ("Ich suche einen wasserdichten Rucksack für höchstens 100 Euro", WATERPROOF, P100),
    ("einen regenfesten Rucksack, nicht teurer als 59,90 €", WATERPROOF, P59),
    ("Je voudrais un sac à dos imperméable à moins de 100 euros", WATERPROOF, UNDER_100),
    ("il me faut un sac à dos étanche, 59,90 € maximum", WATERPROOF, P59),
    ("我想要一个100欧元以下的防水背包", WATERPROOF, P100),
    ("找一款防水双肩包，不超过两百元", WATERPROOF, {"price": Range(max=200)}),
    ("una vela amaderada", {"category": ("scented candles",), "a.scent": ("woody",)}, {}),
    ("eine Holzkerze", {"category": ("scented candles",), "a.scent": ("woody",)}, {}),
    ("une bougie boisée", {"category": ("scented candles",), "a.scent": ("woody",)}, {}),
    ("木质香的蜡烛", {"category": ("scented candles",), "a.scent": ("woody",)}, {}),
    ("cafetera, entre 60 y 90 euros", COFFEE, P60_90),
    ("Kaffeemaschine zwischen 60 und 90 Euro", COFFEE, P60_90),
    ("une cafetière entre 60 et 90 euros", COFFEE, P60_90),
    ("60到90欧元之间的咖啡机", COFFEE, P60_90),
    ("mochila que no pese más de 0,8 kg", BACKPACK, LIGHT),
    ("Rucksack, höchstens 800 Gramm", BACKPACK, LIGHT),
    ("un sac à dos qui pèse moins de 800 grammes", BACKPACK, UNDER_800),
    ("800克以内的背包", BACKPACK, LIGHT),
]  # fmt: skip


@pytest.mark.parametrize(("text", "include", "ranges"), SHOP_WISHES)
def test_a_shop_is_asked_for_kinds_details_and_bounds(
    text: str, include: dict[str, Any], ranges: dict[str, Range]
) -> None:
    reading = shop_engine.read(text)
    assert (reading.include, reading.ranges) == (include, ranges)
    assert reading.text is None


FILM_WISHES: list[tuple[str, set[str], tuple[int | None, int | None]]] = [
    ("películas de terror de los años ochenta", {"Horror"}, (1980, 1989)),
    ("una de miedo de los 80", {"Horror"}, (None, None)),
    ("quiero reírme: comedias posteriores a 1990", {"Comedy"}, (1991, None)),
    ("Horrorfilme aus den Achtzigern", {"Horror"}, (1980, 1989)),
    ("Gruselfilme aus den 80er Jahren", {"Horror"}, (1980, 1989)),
    ("eine Komödie, die nach 1990 gedreht wurde", {"Comedy"}, (1991, None)),
    ("des films d'horreur des années 80", {"Horror"}, (1980, 1989)),
    ("un film d'épouvante des années quatre-vingts", {"Horror"}, (1980, 1989)),
    ("une comédie d'après 1990", {"Comedy"}, (1991, None)),
    ("八十年代的恐怖片", {"Horror"}, (1980, 1989)),
    ("推荐几部1990年以后的科幻喜剧片", {"Sci-Fi", "Comedy"}, (1990, None)),
    ("comedias de los 2000 en adelante", {"Comedy"}, (2000, None)),
    ("peliculas de miedo de antes de los años setenta", {"Horror"}, (None, 1969)),
    ("Ich haette gern eine Komoedie aus den 90ern", {"Comedy"}, (1990, 1999)),
    ("Krimikomödien von vor 1970", {"Crime", "Comedy"}, (None, 1969)),
    ("un film de SF des années 70 ou 80", {"Sci-Fi"}, (1970, 1989)),
    ("je voudrais rire : une comédie sortie après 2005", {"Comedy"}, (2006, None)),
    ("有没有1980年以前的恐怖电影？", {"Horror"}, (None, 1979)),
    ("九十年代的科幻片，最好是喜剧", {"Sci-Fi", "Comedy"}, (1990, 1999)),
    ("1990年到1999年的惊悚片", {"Thriller"}, (1990, 1999)),
]


@pytest.mark.parametrize(("text", "genres", "years"), FILM_WISHES)
def test_films_are_asked_for_by_genre_and_time(
    text: str, genres: set[str], years: tuple[int | None, int | None]
) -> None:
    reading = film_engine.read(text)
    assert set(reading.include.get("genres", ())) == genres
    if years != (None, None):
        assert reading.ranges["year"] == Range(min=years[0], max=years[1])


REFUSALS = [
    ("sin dibujos animados", "Animation"),
    ("nada de animación", "Animation"),
    ("no me gusta el terror", "Horror"),
    ("keine Zeichentrickfilme", "Animation"),
    ("bitte ohne Animation", "Animation"),
    ("ich mag keine Horrorfilme", "Horror"),
    ("pas de dessins animés", "Animation"),
    ("sans animation, s'il vous plaît", "Animation"),
    ("je n'aime pas l'horreur", "Horror"),
    ("不要动画片", "Animation"),
    ("我不喜欢恐怖片", "Horror"),
    ("除了恐怖片都行", "Horror"),
]


@pytest.mark.parametrize(("text", "genre"), REFUSALS)
def test_what_is_refused_is_left_out(text: str, genre: str) -> None:
    reading = film_engine.read(text)
    assert genre in reading.exclude["genres"]
    assert reading.include == {}


ACTS = [
    ("es", "recommend", ["otros", "muéstrame más"]),
    ("es", "undo", ["deshazlo", "vuelve a la lista anterior", "empecemos de cero"]),
    ("es", "chitchat", ["gracias", "muchas gracias, eso es todo"]),
    ("es", "profile", ["¿qué sabes de mí?", "¿qué recuerdas de mí?"]),
    ("es", "explain", ["¿por qué el segundo?", "¿por qué me recomiendas estos?"]),
    ("es", "compare", ["compara el primero y el tercero"]),
    ("es", "answer", ["¿cuánto cuesta la primera?"]),
    ("de", "recommend", ["andere bitte", "zeig mir noch mehr"]),
    ("de", "undo", ["mach das rückgängig", "zurück", "fangen wir von vorne an"]),
    ("de", "chitchat", ["danke", "vielen Dank, das wars"]),
    ("de", "profile", ["Was weißt du über mich?", "was hast du dir gemerkt?"]),
    ("de", "explain", ["Warum das zweite?", "wieso diese?"]),
    ("de", "compare", ["vergleiche das erste und das dritte"]),
    ("de", "answer", ["Was kostet das erste?"]),
    ("fr", "recommend", ["d'autres", "montre-moi autre chose"]),
    ("fr", "undo", ["annule", "reviens en arrière", "on repart de zéro"]),
    ("fr", "chitchat", ["merci", "merci beaucoup, c'est tout"]),
    ("fr", "profile", ["Que sais-tu de moi ?", "qu'as-tu retenu sur moi ?"]),
    ("fr", "explain", ["pourquoi le deuxième ?", "pourquoi ces produits ?"]),
    ("fr", "compare", ["compare le premier et le troisième"]),
    ("fr", "answer", ["combien coûte la première ?"]),
    ("zh", "recommend", ["换一批", "还有别的吗"]),
    ("zh", "undo", ["撤销", "返回上一步", "重新开始"]),
    ("zh", "chitchat", ["谢谢", "谢谢，就这样"]),
    ("zh", "profile", ["你知道我什么？", "你记住了我什么？"]),
    ("zh", "explain", ["为什么推荐第二个？", "为什么是这些？"]),
    ("zh", "compare", ["比较第一个和第三个"]),
    ("zh", "answer", ["第一个多少钱？"]),
]


@pytest.mark.parametrize(
    ("language", "act", "text"), [(lang, act, t) for lang, act, texts in ACTS for t in texts]
)
def test_what_a_message_does_and_in_which_language(language: str, act: str, text: str) -> None:
    reading = shop_engine.read(text, SLATE)
    assert (reading.act, reading.language) == (act, language)


@pytest.mark.parametrize(
    ("text", "field", "direction", "base"),
    [
        ("más barato", "price", "lower", "slate"),
        ("más ligera que la segunda", "a.weight_g", "lower", "slate#2"),
        ("etwas günstiger", "price", "lower", "slate"),
        ("leichter als der zweite", "a.weight_g", "lower", "slate#2"),
        ("un peu moins cher", "price", "lower", "slate"),
        ("plus léger que le deuxième", "a.weight_g", "lower", "slate#2"),
        ("便宜一点", "price", "lower", "slate"),
        ("比第二个轻的", "a.weight_g", "lower", "slate#2"),
    ],
)
def test_critiques_compare_with_what_was_shown(
    text: str, field: str, direction: str, base: str
) -> None:
    (relative,) = shop_engine.read(text, SLATE).relative
    assert (relative.field, relative.direction, relative.base) == (field, direction, base)


@pytest.mark.parametrize(
    "text",
    [
        "algo como Gravelskimmer",
        "so etwas wie Gravelskimmer",
        "quelque chose comme Gravelskimmer",
        "类似Gravelskimmer的电影",
    ],
)
def test_titles_are_linked_in_any_language(text: str) -> None:
    assert film_engine.read(text).liked == ("f5",)


@pytest.mark.parametrize(
    "text", ["con Ada Quill", "mit Ada Quill", "avec Ada Quill", "Ada Quill主演的"]
)
def test_people_are_linked_in_any_language(text: str) -> None:
    assert film_engine.read(text).include == {"cast": ("Ada Quill",)}


@pytest.mark.parametrize(
    "text",
    ["solo lo que esté disponible", "nur was auf Lager ist", "uniquement en stock", "只要有货的"],
)
def test_stock_is_asked_for(text: str) -> None:
    assert shop_engine.read(text, SLATE).include == {"in_stock": ("true",)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["Gravelskimmer", "1995", "Horror", "Ada Quill", "", "?!"])
def test_a_name_or_a_number_keeps_the_language_of_the_conversation(
    language: str, text: str
) -> None:
    assert film_engine.read(text, Context(language=language)).language == language


def test_a_message_in_another_language_changes_the_language() -> None:
    spoken = Context(language="de")
    assert film_engine.read("algo más nuevo, por favor", spoken).language == "es"
    assert film_engine.read("something newer please", spoken).language == "en"
    assert film_engine.read("autre chose, plus récent", spoken).language == "fr"
    assert film_engine.read("新一点的", spoken).language == "zh"


@pytest.mark.parametrize(
    "text", ["crime films w/o romance", "comedy noir", "no horror", "Die Another Day", "a la carte"]
)
def test_english_stays_english(text: str) -> None:
    assert film_engine.read(text).language == "en"


def test_a_catalogue_that_speaks_the_language_is_matched_in_its_own_words() -> None:
    schema = Schema(
        noun="vino",
        nouns="vinos",
        fields=(
            Field(name="id", role="id"),
            Field(name="nombre", role="title"),
            Field(name="color", role="facet", label="color"),
        ),
    )
    rows = [
        Item(id=ItemId(c), title=f"Viña {c}", text="", fields={"color": c})
        for c in ("tinto", "blanco", "rosado")
    ]
    engine = RulesEngine(Vocabulary.build(schema, rows))
    assert engine.read("quiero un vino blanco").include == {"color": ("blanco",)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chip_is_understood(language: str) -> None:
    spoken = Context(slate=SLATE.slate, items=SLATE.items, recent=("x",), language=language)
    words = wording(language)

    def read(key: str) -> Reading:
        reading = shop_engine.read(words.say(f"chips.{key}"), spoken)
        assert reading.language == language
        return reading

    assert read("relax").agrees
    assert read("start_over").reset
    assert read("more_like").liked == ("b1",)
    assert read("cheaper").relative[0].direction == "lower"
    assert read("others").more


TEXTS = st.text(
    alphabet=st.sampled_from("abcdeñüßéçœ ¿¡«»'’.,!?0189%€一二十年代不要比第个的便宜{}nxya"),
    max_size=120,
)


@given(TEXTS, st.sampled_from(LANGUAGES))
def test_any_text_in_any_language_gives_a_reading(text: str, language: str) -> None:
    for engine in (film_engine, shop_engine):
        reading = engine.read(text, Context(language=language))
        assert reading.language in LANGUAGES
    assert film_engine.read(text, shown("f3", "f4")).act

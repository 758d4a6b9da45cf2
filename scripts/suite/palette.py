"""One colour and one marker per strategy, the same in every chart.

The hue comes from the strategy's family (Okabe-Ito, safe for colour-blind readers), the shade from the strategy.
Orange, sky and yellow fall below a contrast of 3 on white, so peers wear a darkened orange instead. Allocators are
told apart by marker shape and label, because the strategy owns the colour.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

INK = "#1b1f24"
MUTED = "#5b6470"
HAIRLINE = "#d5d9de"
BAND = "#dfe5ec"
DARK_PAGE = "#1b1f24"
UNKNOWN = ("#6b6b6b", "#7d7d7d", "#595959", "#888888")

# The first shade of each family is the Okabe-Ito colour where its contrast on white allows it.
FAMILIES: dict[str, tuple[str, ...]] = {
    "fresh": ("#000000", "#4a4a4a", "#2b2b2b", "#707070", "#868f8b", "#5f615a"),
    "free_list": ("#0072b2", "#004a75", "#3b93cc", "#1f5f8b", "#995cb9", "#42868e", "#9483eb", "#6c2f89", "#5750b1",
                  "#9b80ab", "#3a2b8a", "#735e89", "#001d70", "#003239", "#41005b", "#4d345a", "#666ed1", "#2c2047",
                  "#2648a1", "#6b78a4"),
    "singleton": ("#c05f95", "#8a3d68", "#cc79a7", "#a8326f"),
    "layout": ("#009e73", "#00573f", "#6b8e00", "#0f7f91", "#3d6b1f", "#1f9c9c", "#252d05", "#879269"),
    "pool": ("#d55e00", "#a04600", "#c4302b", "#8c3b12", "#48141c", "#c18185", "#760000", "#a26b52"),
    "peer": ("#9a6a00", "#6f4c00", "#8a7a1c", "#b07a1a", "#510b00", "#3a3a11", "#6d2700", "#8f9065", "#6b6c43",
             "#3a2300", "#977158", "#924a03", "#4c4b00", "#92922d", "#7b573f", "#613f27", "#7f3900", "#502f17",
             "#b77d56", "#676500"),
    "limit": ("#7a7a7a", "#8a8a8a", "#666666", "#757575"),
}

# Strategies that are known get a fixed place in their family, in this order; all others a place that their name decides.
# Shades of a family differ in lightness and hue as far as the family's hue leaves room; labels tell them apart for certain.
KNOWN = {
    "fresh": ("fresh_heap", "fresh_box", "new_delete_resource", "vector_index"),
    "free_list": ("slab_pool", "magazine_pool", "free_list_box", "pool_resource", "object_pool", "bitmap_pool", "local_pool",
                  "cpu_pool", "treiber_pool", "locked_pool", "object_pool_fast_checks", "object_pool_full_checks",
                  "slot_pool", "recycler", "bounded_free_list", "pool_resource_virtual", "slot_map32", "slot_map64"),
    "singleton": ("boxed_int_table",),
    "layout": ("slotted", "shape_slots", "flat_hash_map", "unordered_map", "tagged_pointer", "plain_value"),
    "pool": ("arena", "scan_pool", "recycling_arena", "static_pool"),
    "peer": ("boost_pool", "std_pmr_pool", "boost_pmr_pool", "boost_object_pool", "boost_fast_pool_allocator",
             "plf_colony", "foonathan_node_pool", "tbb_fixed_pool", "mimalloc_heap", "tbb_scalable_malloc",
             "std_pmr_synchronized_pool", "gnu_mt_alloc", "std_pmr_monotonic", "gnu_pool_alloc", "gnu_bitmap_allocator",
             "foonathan_array_pool", "foonathan_small_node_pool"),
    "limit": ("empty_loop", "raw_pointers"),
}
SHADES = {name: place for names in KNOWN.values() for place, name in enumerate(names)}

STRATEGY_MARKERS = ("o", "s", "D", "^", "v", "P", "X", "p", "h", "<", ">")
ALLOCATOR_MARKERS = {
    "glibc": "o", "mimalloc": "s", "jemalloc": "^", "tcmalloc": "D", "tbbmalloc": "v", "scudo": "P", "bump": "X",
}


@dataclass(frozen=True)
class Mark:
    """How one strategy looks."""

    colour: str
    marker: str


def stable_index(name: str, size: int) -> int:
    """A place that depends on the name alone, so that a name keeps its look from run to run."""
    return zlib.crc32(name.encode("utf-8", "replace")) % size


def mark(strategy: str, family: str = "") -> Mark:
    """The colour and marker of a strategy; unknown families are grey."""
    shades = FAMILIES.get(family, UNKNOWN)
    place = SHADES.get(strategy, stable_index(strategy, len(shades)))
    return Mark(shades[place % len(shades)], STRATEGY_MARKERS[stable_index(strategy, len(STRATEGY_MARKERS))])


def allocator_marker(allocator: str) -> str:
    """The marker shape of an allocator."""
    known = ALLOCATOR_MARKERS.get(allocator)
    return known or STRATEGY_MARKERS[stable_index(allocator, len(STRATEGY_MARKERS))]


def mixed_with_white(colour: str, share: float) -> str:
    """`colour` with `share` of white in it: the lighter shades of bars and ribbons."""
    channels = (int(colour[i:i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(channel + (255 - channel) * share):02x}" for channel in channels)


def contrast_on_white(colour: str) -> float:
    """The WCAG contrast ratio of a colour against white."""
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i:i + 2], 16)) for i in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def on_dark(colour: str) -> str:
    """The same hue for a dark page: white becomes the page, ink becomes light, and every contrast keeps its sense.

    Lightness is turned around in OKLab, where equal steps look equal; the ends are the page's own colours.
    """
    if colour.lower() == "#ffffff":
        return DARK_PAGE
    lightness, green_red, blue_yellow = _oklab(colour)
    return _from_oklab(0.93 - 0.695 * max(0.0, min(1.0, lightness)) ** 1.6, green_red, blue_yellow)


def _oklab(colour: str) -> tuple[float, float, float]:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i:i + 2], 16)) for i in (1, 3, 5))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
            1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
            0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short)


def _from_oklab(lightness: float, green_red: float, blue_yellow: float) -> str:
    long = (lightness + 0.3963377774 * green_red + 0.2158037573 * blue_yellow) ** 3
    medium = (lightness - 0.1055613458 * green_red - 0.0638541728 * blue_yellow) ** 3
    short = (lightness - 0.0894841775 * green_red - 1.2914855480 * blue_yellow) ** 3
    linear = (4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
              -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
              -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short)

    def channel(value: float) -> int:
        value = max(0.0, min(1.0, value))
        return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))

    return "#" + "".join(f"{channel(value):02x}" for value in linear)

"""One colour and one marker per strategy, the same in every chart.

The hue comes from the strategy's family (Okabe-Ito, safe for colour-blind readers), the shade from the strategy.
Orange, sky and yellow fall below a contrast of 3 on white, so peers wear a darkened orange instead. Allocators are
told apart by marker shape and label, because the strategy owns the colour.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from suite.results import renames

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
                  "#2648a1", "#6b78a4", "#0087f3", "#b46cea", "#7e3fbd", "#2463cf", "#510087", "#3f5163", "#7e90cf",
                  "#2d006c"),
    "singleton": ("#c05f95", "#8a3d68", "#cc79a7", "#a8326f", "#630063", "#9036a2", "#c66cd8", "#3f1236", "#906399",
                  "#635163", "#ab8799", "#63366c", "#6c1b48", "#900975"),
    "layout": ("#009e73", "#00573f", "#6b8e00", "#0f7f91", "#3d6b1f", "#1f9c9c", "#252d05", "#879269", "#487e63",
               "#00a236", "#1b5a6c", "#515a36", "#004800", "#243f3f", "#007e00", "#637e87", "#6c7e3f", "#63a25a",
               "#6c9990", "#368748", "#096c63", "#002d24", "#36481b", "#486363", "#003f24", "#909900"),
    "pool": ("#d55e00", "#a04600", "#c4302b", "#8c3b12", "#48141c", "#c18185", "#760000", "#a26b52", "#7e0051",
             "#ea5a90", "#6c3f51", "#ab516c", "#f35a5a", "#ab0951", "#902d3f", "#5a0036", "#996c7e", "#c6635a",
             "#cf3f63", "#a20000", "#c63f87", "#632d24", "#7e5a5a", "#cf7e5a"),
    "peer": ("#9a6a00", "#6f4c00", "#8a7a1c", "#b07a1a", "#510b00", "#3a3a11", "#6d2700", "#8f9065", "#6b6c43",
             "#3a2300", "#977158", "#924a03", "#4c4b00", "#92922d", "#7b573f", "#613f27", "#7f3900", "#502f17",
             "#b77d56", "#676500"),
    "limit": ("#7a7a7a", "#8a8a8a", "#666666", "#757575"),
}

# Strategies that are known get a fixed place in their family, in this order; all others a place that their name decides.
# Shades of a family differ in lightness and hue as far as the family's hue leaves room; labels tell them apart for certain.
KNOWN = {
    "fresh": ("fresh_heap", "fresh_box", "new_delete_resource", "vector_index"),
    "free_list": ("slab_pool", "stack_pool", "free_list_box", "pool_resource", "object_pool", "bitmap_pool",
                  "local_pool", "cpu_pool", "treiber_pool", "locked_pool", "object_pool_fast_checks",
                  "object_pool_full_checks", "slot_pool", "recycler", "bounded_free_list", "pool_resource_virtual",
                  "slot_map32", "slot_map64", "index_list_pool", "bounded_free_list_80", "bounded_free_list_100",
                  "unbounded_free_list", "fifo_free_list", "bounded_free_lists", "buffer_pool", "buffer_pool_wiped",
                  "lazy_pooled_generator", "generation_tracker"),
    "singleton": ("boxed_int_table", "boxed_int_table_1024", "boxed_int_table_byte", "shared_box_table",
                  "constinit_object", "meyers_static", "call_once_object", "shared_ptr_static", "counted_static",
                  "immortal_bit_static", "frozen_interner", "immortal_interner", "immortal_count"),
    "layout": ("slotted", "shape_slots", "flat_hash_map", "unordered_map", "tagged_pointer", "plain_value", "columns",
               "slotted_rows", "packed_rows", "flagged", "slotted_pmr", "cpython_slots", "cpython_inline_values",
               "cpython_outline_values", "keyed_copies", "keyed_interned", "keyed_shape", "keyed_struct",
               "keyed_columns", "keyed_map", "keyed_unordered_map", "string_events", "enumerator", "lazy_range",
               "lazy_callback"),
    "pool": ("arena", "scan_pool", "recycling_arena", "static_pool", "swap_erase_pool", "hash_set_pool", "flag_pool",
             "obmalloc_model_16k", "obmalloc_model_4k", "interned_events", "interned_plain_events", "lru_intrusive",
             "lru_nodes", "clock_cache", "sieve_cache", "two_q_cache", "tiny_lfu_cache", "direct_mapped",
             "flat_map_cache", "locked_cache", "sharded_cache", "cache_per_thread", "two_tiers", "single_flight"),
    "peer": ("boost_pool", "std_pmr_pool", "boost_pmr_pool", "boost_object_pool", "boost_fast_pool_allocator",
             "plf_colony", "foonathan_node_pool", "tbb_fixed_pool", "mimalloc_heap", "tbb_scalable_malloc",
             "std_pmr_synchronized_pool", "gnu_mt_alloc", "std_pmr_monotonic", "gnu_pool_alloc",
             "gnu_bitmap_allocator", "foonathan_array_pool", "foonathan_small_node_pool", "boost_flyweight",
             "boost_intrusive_ptr", "boehm_collector"),
    "limit": ("empty_loop", "raw_pointers", "borrowed_reference", "leaked_cycles"),
}
# Strategies that meet few others have fixed places too: other ones than whom they meet in a workload, and shared with
# strategies that they never meet.
ELSEWHERE = {
    "text_by_value": 0, "text_by_reference": 1, "text_moved": 3, "text_reserved": 4, "text_on_stack": 0, "text_reused": 0,
    "eager_vector": 0, "eager_reserved": 3, "lazy_generator": 4, "dictionary_events": 0, "text_keys": 1, "fresh_calloc": 3,
    "shared_box": 3, "address_set": 0, "erasing_address_set": 3, "weak_registry": 4, "serial_id": 0,
    "unordered_string_set": 0, "weak_ptr_interner": 3, "locked_string_set": 4, "shared_ptr": 0, "weak_back_edge": 3,
    "no_heap": 0, "recompute": 0, "lru_list_map": 1, "unbounded_map": 3,
    "weak_interner": 0, "arena_interner": 1, "sharded_interner": 2, "plain_count": 0, "atomic_count": 1, "biased_count": 2,
    "trial_deletion": 0, "mark_sweep": 1, "arena_drop": 2,
    "lazy_expiring": 0, "coarse_expiring": 1, "heap_expiring": 2, "wheel_expiring": 3,
    "file_store": 0, "sqlite_store": 0, "bare_lmdb": 5, "redis_store": 6, "bare_hiredis": 7, "bare_libmemcached": 8,
    "monotonic_heap_buffers": 0, "monotonic_new_pages": 2, "monotonic_kept_buffer": 3, "pool_on_monotonic": 4,
    "wink_out": 0, "pool_resource_wink_out": 1, "object_pool_trims_itself": 2,
}
SHADES = ELSEWHERE | {name: place for names in KNOWN.values() for place, name in enumerate(names)}

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
    place = SHADES.get(renames.name(strategy), stable_index(strategy, len(shades)))
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

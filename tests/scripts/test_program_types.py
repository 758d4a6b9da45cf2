"""Types at call sites: where debug information has them, and what is said where it does not."""

import pytest
from program_tools import tools
from suite.program import record, sites
from suite.program.target import Program, accept

KNOWN = {"std::_Rb_tree_node<std::pair<int const, ware> >", "std::_List_node<ware>", "ware", "ware (make_shared)"}


def named(name, tmp_path):
    return sites.named(record.make(tools(), accept(Program((str(tools().folder / name),))), tmp_path))


def test_types_come_from_what_is_inlined_at_a_site(tmp_path):
    found = named("planted", tmp_path)
    made = {site["type"]: site for site in found if site["made"] == 5}
    assert set(made) == KNOWN
    assert all("of_known_types" in site["users"][0][0] and sites.who(site).endswith(f": {name}") for name, site in made.items())
    assert {site["type"] for site in found if "one_at_a_time" in site["name"]} == {""}  # a bare `new`: its line and its size say enough


def test_without_debug_information_it_is_said_what_would_give_them(tmp_path):
    found = [site for site in named("planted-bare", tmp_path) if site["module"].endswith("planted-bare")]
    assert {site["type"] for site in found if site["made"] == 5} == {sites.MISSING_TYPE}
    assert all(sites.MISSING_TYPE in line for line in sites.lines(found) if "one_at_a_time" in line)
    assert {site["type"] for site in found if "of_many_sizes" in site["name"]} == {""}  # malloc has no types


@pytest.mark.parametrize(("function", "known"), [
    ("std::__new_allocator<std::_List_node<A<B, C> > >::allocate(unsigned long, void const*)", "std::_List_node<A<B, C> >"),
    ("__gnu_cxx::new_allocator<(anonymous namespace)::X>::allocate(unsigned long, void const*)", "(anonymous namespace)::X"),
    ("std::__new_allocator<std::_Sp_counted_ptr_inplace<Ware, std::allocator<void>, (__gnu_cxx::_Lock_policy)2> >::allocate(unsigned long)", "Ware (make_shared)"),
    ("std::__detail::_MakeUniq<P<Q, R> >::__single_object std::make_unique<P<Q, R>, int>(int&&)", "P<Q, R>"),
    ("std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::_M_create(unsigned long&, unsigned long)", "char"),
    ("make_unique<(anonymous namespace)::X>", "(anonymous namespace)::X"),
    ("std::vector<X, std::allocator<X> >::push_back(X const&)", ""), ("sqlite3Malloc", ""), ("", ""), ("std::allocator<broken", "")])
def test_a_name_says_a_type_or_none(function, known):
    assert sites.allocated([function]) == known


def test_what_a_constructor_allocates_is_not_of_the_type_that_is_constructed():
    made = "std::__detail::_MakeUniq<X>::__single_object std::make_unique<X>()"
    assert sites.allocated([made]) == "X" and sites.allocated(["X::X()", made]) == ""
    assert sites.allocated(["void std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::_M_construct<char const*>(char const*)", made]) == "char"

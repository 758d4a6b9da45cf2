// POOLMARK_EXPORT: what a program and its shared objects should share, also where they are compiled with
// -fvisibility=hidden. It can only offer: a program that is linked without -rdynamic offers nothing to its plugins. So what
// must be shared does not rest on this (see memory/process.hpp).
#pragma once

#define POOLMARK_EXPORT __attribute__((__visibility__("default")))

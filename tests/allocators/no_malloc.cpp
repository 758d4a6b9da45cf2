// A library without a malloc: preloading it works, and leaves the heap what it was.
extern "C" int poolmark_test_no_malloc() { return 1; }

// The stores as contenders, and what they are compared with: what is missing is a row with the packages to install.
// Apart from the stores themselves, whose headers are too many for everybody who reads the list of strategies.
#pragma once

#include "benchmarks/contenders/packages.hpp"
#include "pools/description.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace poolmark {

// Where a program lies that the shell would find; empty when there is none.
[[nodiscard]] inline std::string program_on_path(const char* name) {
    const char* const path = std::getenv("PATH");
    std::string folders = std::string(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin") + ":";
    for (std::size_t end = 0; (end = folders.find(':')) != std::string::npos; folders.erase(0, end + 1)) {
        const std::string file = folders.substr(0, end) + "/" + name;
        struct ::stat about {}; // who may search a folder may "execute" it
        if (end != 0 && ::access(file.c_str(), X_OK) == 0 && ::stat(file.c_str(), &about) == 0 && S_ISREG(about.st_mode)) {
            return file;
        }
    }
    return {};
}
// Looked for once: every process of a run asks at its start, and for each cell that names a server.
[[nodiscard]] inline bool has_redis_server() {
    static const bool found = !program_on_path("redis-server").empty();
    return found;
}
[[nodiscard]] inline bool has_memcached() {
    static const bool found = !program_on_path("memcached").empty();
    return found;
}

inline constexpr description file_store_about{"file_store", family::pool,
                                              "a file for each key, replaced by renaming"};
inline constexpr description sqlite_store_about{"sqlite_store", family::peer,
                                                "one SQLite file, prepared statements, a checksum", "libsqlite3-dev",
                                                has_sqlite};
inline constexpr description bare_lmdb_about{"bare_lmdb", family::peer, "LMDB called directly, one renewed reader",
                                             "liblmdb-dev", has_lmdb};
inline constexpr description redis_store_about{"redis_store", family::peer, "a Redis server, one round trip a call",
                                               "libhiredis-dev redis-server", has_hiredis, &has_redis_server};
inline constexpr description bare_hiredis_about{"bare_hiredis", family::peer, "hiredis's blocking calls, called directly",
                                                "libhiredis-dev redis-server", has_hiredis, &has_redis_server};
inline constexpr description bare_libmemcached_about{"bare_libmemcached", family::peer,
                                                     "libmemcached's blocking calls, called directly",
                                                     "libmemcached-dev memcached", has_libmemcached, &has_memcached};

} // namespace poolmark

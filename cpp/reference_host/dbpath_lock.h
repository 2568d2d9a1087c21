// The lock that lets one server at a time use a data directory.

#pragma once

#include <string>

#include "unique_fd.h"

namespace telemetry_host {

// Holds `mongod.lock` in the dbpath, with the process id in it, for as long as it lives; a real
// mongod respects it and is respected. Emptied at the end, as a clean shutdown leaves it.
class DbpathLock {
public:
    // Throws StartupError if the dbpath is no directory that can be written, or is in use.
    explicit DbpathLock(const std::string& dbpath);
    ~DbpathLock();

    DbpathLock(const DbpathLock&) = delete;
    DbpathLock& operator=(const DbpathLock&) = delete;

private:
    UniqueFd _file;
};

}  // namespace telemetry_host

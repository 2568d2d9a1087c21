// Folders and files of a test, and what /proc says of this process.

#pragma once

#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "../../cpp/reference_host/unique_fd.h"
#include "checks.h"

namespace consumer {

using telemetry_host::UniqueFd;

// A new folder, gone with all that is in it at the end.
class TempDir {
public:
    TempDir() {
        const char* const parent = std::getenv("TMPDIR");
        _path = std::string(parent != nullptr ? parent : "/tmp") + "/telemetry.XXXXXX";
        if (::mkdtemp(_path.data()) == nullptr) {
            throw std::system_error(errno, std::generic_category(), "mkdtemp " + _path);
        }
    }

    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(_path, ignored);
    }

    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::string& path() const {
        return _path;
    }

    std::string path(const std::string& name) const {
        return _path + "/" + name;
    }

    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(_path)) {
            names.push_back(entry.path().filename().string());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    void expectEmpty() const {
        expectEqual("files in the folder", joined({}), joined(names()));
    }

private:
    std::string _path;
};

// All of a file; nothing if it cannot be read. In /proc a file may go while it is read: that is
// nothing too, and << does not throw for it.
inline std::string contentOf(const std::string& path) {
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

// What follows `key:` and white space in the first line of a file that has it; nothing if none has.
inline std::string valueIn(const std::string& path, const std::string& key) {
    std::istringstream file(contentOf(path));
    for (std::string line; std::getline(file, line);) {
        if (line.rfind(key + ":", 0) == 0) {
            const std::size_t begin = line.find_first_not_of(" \t", key.size() + 1);
            return begin == std::string::npos ? "" : line.substr(begin);
        }
    }
    return {};
}

// Sets the soft limit of a resource.
inline void setLimit(__rlimit_resource resource, rlim_t value) {
    rlimit limit{};
    ::getrlimit(resource, &limit);
    limit.rlim_cur = value;
    expectEqual("setrlimit()", 0, ::setrlimit(resource, &limit));
}

struct Thread {
    std::string id;
    std::string name;
};

// With a wanted name: those whose name begins so. One that has only just begun still bears its
// parent's.
inline std::vector<Thread> threads(const std::string& wanted = {}) {
    std::vector<Thread> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name = contentOf((entry.path() / "comm").string());
        name.erase(name.find_last_not_of('\n') + 1);
        if (!name.empty() && name.rfind(wanted, 0) == 0) {  // empty: it has ended meanwhile
            found.push_back({entry.path().filename().string(), name});
        }
    }
    return found;
}

inline std::vector<Thread> libraryThreads() {
    return threads("PsmdbTelemetry");
}

inline void waitUntilLibraryThreadsAreGone() {
    eventually("no thread of the library is left", [] { return libraryThreads().empty(); });
}

}  // namespace consumer

// What was logged.

#ifndef STAND_IN_LOGV2_LINES_H
#define STAND_IN_LOGV2_LINES_H

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace mongo::logv2 {

struct Line {
    std::string component;
    int id;
    std::string severity;
    std::string message;
    std::map<std::string, std::string> attributes;
    std::string thread;
};

class Lines {
public:
    static Lines& instance() {
        static Lines lines;
        return lines;
    }

    void add(Line line) {
        const std::lock_guard<std::mutex> lock(_mutex);
        _lines.push_back(std::move(line));
    }

    std::vector<Line> all() const {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _lines;
    }

private:
    mutable std::mutex _mutex;
    std::vector<Line> _lines;
};

}  // namespace mongo::logv2

#endif  // STAND_IN_LOGV2_LINES_H

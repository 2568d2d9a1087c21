// SPDX-License-Identifier: Apache-2.0

#include "mongo/db/modules/percona_telemetry/retry_after.h"

#include <algorithm>

namespace mongo::percona_telemetry {
namespace {

constexpr std::string_view kName = "retry-after";
constexpr std::string_view kSpace = " \t\r";

// std::tolower depends on the locale.
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool isName(std::string_view text) {
    return std::equal(text.begin(), text.end(), kName.begin(), kName.end(), [](char a, char b) {
        return lower(a) == b;
    });
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

std::string retryAfterOf(std::string_view headers) {
    std::string found;
    while (!headers.empty()) {
        const auto end = std::min(headers.find('\n'), headers.size());
        const std::string_view line = headers.substr(0, end);
        headers.remove_prefix(std::min(end + 1, headers.size()));
        const auto colon = line.find(':');
        if (line.substr(0, 5) == "HTTP/") {
            found.clear();  // another response begins
        } else if (colon != std::string_view::npos && isName(line.substr(0, colon))) {
            found = trimmed(line.substr(colon + 1));
        }
    }
    return found;
}

}  // namespace mongo::percona_telemetry

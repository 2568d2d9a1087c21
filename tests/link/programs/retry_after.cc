// The header Retry-After in what the server's HTTP client hands over.

#include "mongo/db/modules/percona_telemetry/retry_after.h"

#include <iostream>
#include <map>

int main() {
    const std::map<std::string, std::string> cases = {
        {"", ""},
        {"HTTP/1.1 200 OK\r\n\r\n", ""},
        {"HTTP/1.1 503 Busy\r\nretry-AFTER:\t 120 \r\nDate: x\r\n\r\n", "120"},
        {"HTTP/1.1 503 Busy\nRetry-After: 5", "5"},
        {"HTTP/1.1 503 Busy\r\nRetry-After:\r\n\r\n", ""},
        {"HTTP/1.1 503 Busy\r\nX-Retry-After: 5\r\nRetry-After\r\n\r\n", ""},
        {"HTTP/1.1 200 Connected\r\nRetry-After: 1\r\n\r\nHTTP/1.1 503 Busy\r\n\r\n", ""},
        {"HTTP/2 503\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n",
         "Wed, 21 Oct 2015 07:28:00 GMT"},
    };
    for (const auto& [headers, expected] : cases) {
        const std::string seen = mongo::percona_telemetry::retryAfterOf(headers);
        if (seen != expected) {
            std::cout << "Retry-After of " << headers << ": expected '" << expected << "', seen '"
                      << seen << "'\n";
            return 1;
        }
    }
}

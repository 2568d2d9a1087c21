// A client that answers from a script and notes what it was asked.

#ifndef STAND_IN_UTIL_NET_HTTP_CLIENT_H
#define STAND_IN_UTIL_NET_HTTP_CLIENT_H

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mongo/base/string_data.h"

namespace mongo {

using Seconds = std::chrono::duration<long long>;

class ConstDataRange {
public:
    ConstDataRange(const char* begin, std::size_t length) : _begin(begin), _length(length) {
    }

    const char* data() const {
        return _begin;
    }

    std::size_t length() const {
        return _length;
    }

private:
    const char* _begin;
    std::size_t _length;
};

class DataBuilder {
public:
    explicit DataBuilder(std::string bytes) : _bytes(std::move(bytes)) {
    }

    ConstDataRange getCursor() const {
        return {_bytes.data(), _bytes.size()};
    }

private:
    std::string _bytes;
};

struct Exchange {
    std::uint16_t code = 0;
    std::string headers;

    std::vector<std::string> sentHeaders;
    std::string url;
    std::string body;
    Seconds connectTimeout{0};
    Seconds timeout{0};
    bool allowedHttp = false;
    bool asked = false;
};

// The answer to the next request, and that request.
inline Exchange exchange;
inline std::mutex exchangeMutex;

class HttpClient {
public:
    enum class HttpMethod { kGET, kPOST };

    struct HttpReply {
        std::uint16_t code;
        DataBuilder header;
    };

    static std::unique_ptr<HttpClient> create() {
        return std::make_unique<HttpClient>();
    }

    void allowInsecureHTTP(bool allow) {
        _noted.allowedHttp = allow;
    }

    void setHeaders(const std::vector<std::string>& headers) {
        _noted.sentHeaders = headers;
    }

    void setConnectTimeout(Seconds timeout) {
        _noted.connectTimeout = timeout;
    }

    void setTimeout(Seconds timeout) {
        _noted.timeout = timeout;
    }

    HttpReply request(HttpMethod method, StringData url, ConstDataRange body) const {
        const std::lock_guard<std::mutex> lock(exchangeMutex);
        Exchange noted = _noted;
        noted.code = exchange.code;
        noted.headers = exchange.headers;
        noted.url = std::string(url);
        noted.body = std::string(body.data(), body.length());
        noted.asked = method == HttpMethod::kPOST;
        exchange = noted;
        return {noted.code, DataBuilder(noted.headers)};
    }

private:
    Exchange _noted;
};

}  // namespace mongo

#endif  // STAND_IN_UTIL_NET_HTTP_CLIENT_H

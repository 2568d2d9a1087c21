#ifndef STAND_IN_BASE_STATUS_H
#define STAND_IN_BASE_STATUS_H

#include <string>
#include <utility>

namespace mongo {

struct ErrorCodes {
    enum Error { OK = 0, InternalError = 1, BadValue = 2 };
};

class Status {
public:
    Status(ErrorCodes::Error code, std::string reason) : _code(code), _reason(std::move(reason)) {
    }

    static Status OK() {
        return {ErrorCodes::OK, ""};
    }

    bool isOK() const {
        return _code == ErrorCodes::OK;
    }

    ErrorCodes::Error code() const {
        return _code;
    }

    const std::string& reason() const {
        return _reason;
    }

private:
    ErrorCodes::Error _code;
    std::string _reason;
};

}  // namespace mongo

#endif  // STAND_IN_BASE_STATUS_H

// Initializers run when they are defined: the order among them is of no interest here.

#ifndef STAND_IN_BASE_INIT_H
#define STAND_IN_BASE_INIT_H

#include <functional>

#include "mongo/base/status.h"

namespace mongo {

class InitializerContext {};

#if MONGO_STAND_IN < 50
using InitializerResult = Status;
#else
using InitializerResult = void;
#endif
using InitializerFunction = std::function<InitializerResult(InitializerContext*)>;

struct RunInitializer {
    explicit RunInitializer(const InitializerFunction& initializer) {
        InitializerContext context;
        static_cast<void>(initializer(&context));
    }
};

}  // namespace mongo

#define MONGO_SERVER_PARAMETER_REGISTER(NAME)                                   \
    ::mongo::InitializerResult initializer##NAME(::mongo::InitializerContext*); \
    const ::mongo::RunInitializer runInitializer##NAME(initializer##NAME);      \
    ::mongo::InitializerResult initializer##NAME

#endif  // STAND_IN_BASE_INIT_H

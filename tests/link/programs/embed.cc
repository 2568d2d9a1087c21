// Two instances in one process, each of which delivers its report. Also built into a shared object,
// for which `embed` is the entry.

#include "support.h"

namespace consumer {
namespace {

void bothDeliver() {
    const TempDir outbox;
    const Server first;
    const Server second;
    for (const Server* const server : {&first, &second}) {
        server->deliver("file://" + outbox.path());
    }
    expectEqual("reports in the outbox", 2U, outbox.names().size());
    first.stop();
    second.stop();
}

}  // namespace
}  // namespace consumer

extern "C" int embed() {
    return consumer::prove({{"two instances deliver", consumer::bothDeliver}});
}

#ifndef SHARED_OBJECT
int main() {
    return embed();
}
#endif

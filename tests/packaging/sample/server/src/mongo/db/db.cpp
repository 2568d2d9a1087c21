// The server's main file, with the lines that docs/integration.md adds.

INCLUDE_OF_THE_DOCUMENTATION

namespace mongo {

void initAndListen() {
    PERCONA_TELEMETRY(start());
}

void shutdownTask() {
    PERCONA_TELEMETRY(stop());
}

}  // namespace mongo

int main() {
    mongo::initAndListen();
    mongo::shutdownTask();
}

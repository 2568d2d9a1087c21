// A server with OpenSSL and libcurl linked in statically, as mongod may be: libcurl delivers to an
// https endpoint, then the library does, each with its own TLS, and then libcurl once more.
//
// Takes the endpoint's URL and the file with its certificate.

#include <curl/curl.h>

#include <memory>
#include <string>

#include "support.h"

namespace consumer {
namespace {

std::string url;
std::string certificate;

void curlDelivers() {
    struct Cleanup {
        void operator()(CURL* easy) const {
            curl_easy_cleanup(easy);
        }
    };
    const std::unique_ptr<CURL, Cleanup> easy(curl_easy_init());
    curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_CAINFO, certificate.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, "{\"reports\":[]}");
    curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT, 20L);
    const CURLcode code = curl_easy_perform(easy.get());
    expectEqual("libcurl", std::string("No error"), curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    expectEqual("status", 200, status);
}

void bothDeliver() {
    expectContains("libcurl's TLS", "OpenSSL", curl_version());
    curlDelivers();

    ::setenv("SSL_CERT_FILE", certificate.c_str(), 1);
    const TempDir dbpath;
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, url);
    host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);

    curlDelivers();
}

}  // namespace
}  // namespace consumer

int main(int, char** words) {
    consumer::url = words[1];
    consumer::certificate = words[2];
    curl_global_init(CURL_GLOBAL_ALL);
    const int result = consumer::prove(
        {{"OpenSSL, libcurl and the library each speak TLS", consumer::bothDeliver}});
    curl_global_cleanup();
    return result;
}

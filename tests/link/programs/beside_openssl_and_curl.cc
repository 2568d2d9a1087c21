// A server with OpenSSL and libcurl linked in statically, as mongod may be: OpenSSL answers, and
// both libcurl and the library deliver to it over TLS, each with its own implementation, on
// loopback.

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "support.h"

namespace consumer {
namespace {

template <auto Free>
struct Freed {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;
using Easy = std::unique_ptr<CURL, Freed<curl_easy_cleanup>>;

void expectDone(const std::string& what, bool done) {
    if (!done) {
        throw Failure(what + ": " + ERR_error_string(ERR_get_error(), nullptr));
    }
}

// For 127.0.0.1, signed by itself, good for an hour.
Certificate certificateFor(EVP_PKEY* key) {
    Certificate certificate(X509_new());
    X509* const made = certificate.get();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -60);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_NAME* const name = X509_get_subject_name(made);
    const auto* const text = reinterpret_cast<const unsigned char*>("loopback");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(made, name);
    X509_set_pubkey(made, key);
    X509V3_CTX context;
    X509V3_set_ctx(&context, made, made, nullptr, nullptr, 0);
    const Extension names(
        X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "IP:127.0.0.1"));
    X509_add_ext(made, names.get(), -1);
    expectDone("X509_sign", X509_sign(made, key, EVP_sha256()) != 0);
    return certificate;
}

// Answers every request with 200, until it goes.
class TlsServer {
public:
    explicit TlsServer(const std::string& certificatePath)
        : _key(EVP_EC_gen("P-256")), _context(SSL_CTX_new(TLS_server_method())) {
        expectDone("a key and a context", _key && _context);
        const Certificate certificate = certificateFor(_key.get());
        expectDone("SSL_CTX_use_certificate",
                   SSL_CTX_use_certificate(_context.get(), certificate.get()) == 1 &&
                       SSL_CTX_use_PrivateKey(_context.get(), _key.get()) == 1);
        const File file(std::fopen(certificatePath.c_str(), "w"));
        expectDone("PEM_write_X509", file && PEM_write_X509(file.get(), certificate.get()) == 1);

        _socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(_socket, generic, size) != 0 || ::listen(_socket, 8) != 0 ||
            ::getsockname(_socket, generic, &size) != 0) {
            throw std::system_error(errno, std::generic_category(), "loopback");
        }
        _url = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/report";
        _thread = std::thread([this] { serve(); });
    }

    ~TlsServer() {
        ::shutdown(_socket, SHUT_RDWR);
        _thread.join();
        ::close(_socket);
    }

    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    const std::string& url() const {
        return _url;
    }

    int answered() const {
        return _answered;
    }

private:
    void serve() {
        for (int client; (client = ::accept4(_socket, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
            answer(client);
            ::close(client);
        }
    }

    void answer(int client) {
        const Session session(SSL_new(_context.get()));
        SSL_set_fd(session.get(), client);
        if (SSL_accept(session.get()) != 1) {
            return;
        }
        std::string request;
        std::array<char, 4096> part{};
        while (request.find("]}") == std::string::npos) {  // the end of the body
            const int got = SSL_read(session.get(), part.data(), static_cast<int>(part.size()));
            if (got <= 0) {
                return;
            }
            request.append(part.data(), static_cast<std::size_t>(got));
        }
        const std::string reply =
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        SSL_write(session.get(), reply.data(), static_cast<int>(reply.size()));
        SSL_shutdown(session.get());
        ++_answered;
    }

    Key _key;
    Context _context;
    int _socket = -1;
    std::string _url;
    std::atomic<int> _answered{0};
    std::thread _thread;
};

void curlDelivers(const TlsServer& server, const std::string& certificatePath) {
    const Easy easy(curl_easy_init());
    curl_easy_setopt(easy.get(), CURLOPT_URL, server.url().c_str());
    curl_easy_setopt(easy.get(), CURLOPT_CAINFO, certificatePath.c_str());
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
    const TempDir folder;
    const TempDir dbpath;
    const std::string certificatePath = folder.path("certificate.pem");
    const TlsServer server(certificatePath);
    expectContains("libcurl's TLS", "OpenSSL", curl_version());
    curlDelivers(server, certificatePath);
    expectEqual("requests of libcurl", 1, server.answered());

    ::setenv("SSL_CERT_FILE", certificatePath.c_str(), 1);
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, server.url());
    host->waitFor("Telemetry report delivered");
    expectEqual("requests of both", 2, server.answered());
    expectStopped(telemetry);

    curlDelivers(server, certificatePath);
    expectEqual("requests in the end", 3, server.answered());
}

}  // namespace
}  // namespace consumer

int main() {
    curl_global_init(CURL_GLOBAL_ALL);
    const int result = consumer::prove(
        {{"OpenSSL, libcurl and the library each speak TLS", consumer::bothDeliver}});
    curl_global_cleanup();
    return result;
}

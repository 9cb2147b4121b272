#include <capstan/core/net/tls/tls_context.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string_view>

#include <capstan/core/base/text.hpp>
#include <capstan/core/net/tls/openssl_pointers.hpp>

namespace capstan::net {
namespace {

using BioPtr = Owned<BIO>;
using X509Ptr = Owned<X509>;
using KeyPtr = Owned<EVP_PKEY>;

BioPtr TextBio(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}
int NoPassphrase(char*, int, int, void*) { return -1; }
X509Ptr NextCertificate(BIO* bio) { return X509Ptr(PEM_read_bio_X509(bio, nullptr, NoPassphrase, nullptr)); }

// Whether reading certificates ended because there are no more, and not at a malformed one. Clears
// OpenSSL's error queue, which would otherwise corrupt the next SSL_get_error.
bool EndedCleanly() {
  bool clean = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return clean;
}

Status TrustOnly(SSL_CTX* context, const std::string& ca_pem) {
  auto bio = TextBio(ca_pem);
  int count = 0;
  while (auto certificate = NextCertificate(bio.get())) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
    ++count;
  }
  if (!EndedCleanly() || count == 0)
    return Fail(Code::kInvalidArgument,
                "the certificate authority is not PEM: expected -----BEGIN CERTIFICATE-----");
  // Like Go, trusts each given certificate by itself: an intermediate authority, or the server's
  // own certificate. Names and times are checked nevertheless.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

Status UseCertificate(SSL_CTX* context, const std::string& pem, const char* whose) {
  auto malformed = [whose] {
    ERR_clear_error();
    return Fail(Code::kInvalidArgument,
                StrCat("the ", whose, " certificate is malformed: expected -----BEGIN CERTIFICATE-----"));
  };
  auto bio = TextBio(pem);
  auto leaf = NextCertificate(bio.get());
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) return malformed();
  while (auto link = NextCertificate(bio.get()))
    if (SSL_CTX_add1_chain_cert(context, link.get()) != 1) return malformed();
  if (!EndedCleanly()) return malformed();
  return {};
}

Status UseKey(SSL_CTX* context, const Secret& pem, const char* whose) {
  auto bio = TextBio(pem.Reveal());
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  // PKCS#8 says it in its label, the older formats in a header field.
  if (!key && pem.Reveal().find("ENCRYPTED") != std::string_view::npos) {
    return Fail(Code::kInvalidArgument,
                StrCat("the ", whose,
                       " key is encrypted, and an operator cannot ask for its passphrase: store it without "
                       "one (openssl pkey -in KEY -out PLAIN)"));
  }
  if (!key)
    return Fail(Code::kInvalidArgument,
                StrCat("the ", whose, " key is malformed: expected -----BEGIN PRIVATE KEY-----"));
  bool fits = SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1;
  ERR_clear_error();
  if (!fits)
    return Fail(Code::kInvalidArgument,
                StrCat("the ", whose, " key does not belong to the ", whose, " certificate"));
  return {};
}

Result<TlsContext> NewContext(const SSL_METHOD* method) {
  TlsContext context(SSL_CTX_new(method));
  if (!context) return Fail(Code::kUnavailable, "TLS could not be set up: out of memory");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  return context;
}

}  // namespace

Result<TlsContext> MakeClientContext(const TlsOptions& options) {
  CAPSTAN_TRY(TlsContext context, NewContext(TLS_client_method()));
  // A client has few connections, and would allocate both buffers for each request.
  SSL_CTX_clear_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (!options.ca_pem.empty()) CAPSTAN_RETURN_IF_ERROR(TrustOnly(context.get(), options.ca_pem));
  if (options.certificate_pem.empty() != options.key_pem.empty())
    return Fail(Code::kInvalidArgument,
                "a client certificate and its key are only of use together: one of them is missing");
  if (!options.certificate_pem.empty()) {
    CAPSTAN_RETURN_IF_ERROR(UseCertificate(context.get(), options.certificate_pem, "client"));
    CAPSTAN_RETURN_IF_ERROR(UseKey(context.get(), options.key_pem, "client"));
  }
  return context;
}

void TrustSystem(SSL_CTX* context) {
  SSL_CTX_set_default_verify_paths(context);
  ERR_clear_error();
}

Result<TlsContext> MakeServerContext(const std::string& certificate_pem, const Secret& key_pem,
                                     const std::string& client_ca_pem) {
  CAPSTAN_TRY(TlsContext context, NewContext(TLS_server_method()));
  CAPSTAN_RETURN_IF_ERROR(UseCertificate(context.get(), certificate_pem, "server"));
  CAPSTAN_RETURN_IF_ERROR(UseKey(context.get(), key_pem, "server"));
  if (client_ca_pem.empty()) return context;
  CAPSTAN_RETURN_IF_ERROR(TrustOnly(context.get(), client_ca_pem));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  // Without a session id context, OpenSSL rejects clients that resume a session.
  constexpr std::string_view kSession = "capstan";
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(kSession.data()),
                                 static_cast<unsigned>(kSession.size()));
  return context;
}

}  // namespace capstan::net

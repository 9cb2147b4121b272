#include <capstan/core/net/tls/certificate.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <Poco/Net/IPAddress.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/core/net/tls/openssl_pointers.hpp>

namespace capstan::net {
namespace {

Failure Failed(const char* what) {
  unsigned long code = ERR_get_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return Fail(Code::kInternal,
              StrCat("could not make a certificate: ", what, ": ", reason != nullptr ? reason : "unknown"));
}

Owned<EVP_PKEY> MakeKey(KeyKind kind) {
  switch (kind) {
    case KeyKind::kEcP256:
      return Owned<EVP_PKEY>(EVP_EC_gen("P-256"));
    case KeyKind::kRsa2048:
      return Owned<EVP_PKEY>(EVP_RSA_gen(2048));
    case KeyKind::kEd25519:
      return Owned<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  return nullptr;
}

std::string Drain(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

bool SetTimes(X509* certificate, WallTime from, WallTime until) {
  auto seconds = [](WallTime time) {
    return static_cast<time_t>(
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
  };
  return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(from)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(until)) != nullptr;
}

bool SetSerial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) return false;
  // positive, and of constant length
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x3f) | 0x40);
  BIGNUM* number = BN_bin2bn(bytes, sizeof(bytes), nullptr);
  bool set = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

bool AddExtension(X509* certificate, X509V3_CTX* context, int kind, const std::string& value) {
  Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, context, kind, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

std::string AlternativeNames(const std::vector<std::string>& names) {
  std::vector<std::string> entries;
  for (const auto& name : names) {
    Poco::Net::IPAddress address;
    entries.push_back(StrCat(Poco::Net::IPAddress::tryParse(name, address) ? "IP:" : "DNS:", name));
  }
  return Join(entries, ",");
}

bool AddExtensions(X509* certificate, X509* issuer, const CertificateRequest& request) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto add = [&](int kind, const std::string& value) {
    return AddExtension(certificate, &context, kind, value);
  };
  bool added = add(NID_subject_key_identifier, "hash");
  if (request.authority)
    return added && add(NID_basic_constraints, "critical,CA:TRUE") &&
           add(NID_key_usage, "critical,keyCertSign,cRLSign");
  added = added && add(NID_authority_key_identifier, "keyid") &&
          add(NID_basic_constraints, "critical,CA:FALSE") &&
          add(NID_key_usage, "critical,digitalSignature") && add(NID_ext_key_usage, "serverAuth,clientAuth");
  return added && (request.names.empty() || add(NID_subject_alt_name, AlternativeNames(request.names)));
}

Owned<X509> ReadCertificate(const std::string& pem) {
  Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Owned<X509>(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}
Owned<EVP_PKEY> ReadKey(const Secret& pem) {
  auto text = pem.Reveal();
  Owned<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return Owned<EVP_PKEY>(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

Result<IssuedCertificate> ToPem(X509* certificate, EVP_PKEY* key) {
  Owned<BIO> certificate_out(BIO_new(BIO_s_mem()));
  Owned<BIO> key_out(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_X509(certificate_out.get(), certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return Failed("writing PEM");
  return IssuedCertificate{Drain(certificate_out.get()), Secret(Drain(key_out.get()))};
}

}  // namespace

Result<IssuedCertificate> IssueCertificate(const CertificateRequest& request,
                                           const IssuedCertificate* issuer) {
  auto key = MakeKey(request.key);
  Owned<X509> certificate(X509_new());
  if (!key || !certificate) return Failed("making a key");
  Owned<X509> issuer_certificate = issuer != nullptr ? ReadCertificate(issuer->certificate_pem) : nullptr;
  Owned<EVP_PKEY> issuer_key = issuer != nullptr ? ReadKey(issuer->key_pem) : nullptr;
  if (issuer != nullptr && (!issuer_certificate || !issuer_key)) return Failed("reading the issuer");

  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const auto* common_name = reinterpret_cast<const unsigned char*>(request.common_name.c_str());
  X509* signer = issuer_certificate ? issuer_certificate.get() : certificate.get();
  bool made = X509_set_version(certificate.get(), X509_VERSION_3) == 1 && SetSerial(certificate.get()) &&
              SetTimes(certificate.get(), request.from, request.until) &&
              X509_set_pubkey(certificate.get(), key.get()) == 1 &&
              X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common_name, -1, -1, 0) == 1 &&
              X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) == 1 &&
              AddExtensions(certificate.get(), signer, request);
  if (!made) return Failed("filling it in");
  EVP_PKEY* signing = issuer_key ? issuer_key.get() : key.get();
  const EVP_MD* digest = EVP_PKEY_is_a(signing, "ED25519") == 1 ? nullptr : EVP_sha256();
  if (X509_sign(certificate.get(), signing, digest) == 0) return Failed("signing it");
  return ToPem(certificate.get(), key.get());
}

Result<ServerCertificate> MakeServerCertificate(const std::vector<std::string>& names, WallTime now) {
  CertificateRequest authority;
  authority.common_name = "capstan local authority";
  authority.authority = true;
  authority.from = now - std::chrono::hours(24);  // clocks of other machines may be behind
  authority.until = now + std::chrono::hours(24 * 3650);
  CAPSTAN_TRY(IssuedCertificate issuer, IssueCertificate(authority, nullptr));
  CertificateRequest server = authority;
  server.common_name = "capstan local server";
  server.authority = false;
  server.names = names;
  CAPSTAN_TRY(IssuedCertificate issued, IssueCertificate(server, &issuer));
  return ServerCertificate{std::move(issuer.certificate_pem), std::move(issued.certificate_pem),
                           std::move(issued.key_pem)};
}

}  // namespace capstan::net

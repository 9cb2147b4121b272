// How the client verifies a server's certificate, and which certificate it presents.
#include <gtest/gtest.h>

#include <latch>

#include <capstan/core/net/certificate_expiry.hpp>
#include <capstan/core/net/testing/scripted_peer.hpp>

namespace capstan::net {
namespace {

class TlsVerification : public testing::Test {
 protected:
  ScriptedServer::Options With(const IssuedCertificate& certificate) {
    ScriptedServer::Options options;
    options.tls = authority_.ServerContext(certificate);
    return options;
  }
  std::unique_ptr<http::Transport> Client() { return Client(TlsOptions{}); }
  std::unique_ptr<http::Transport> Client(TlsOptions tls,
                                          Duration connect_timeout = std::chrono::seconds(60)) {
    if (tls.ca_pem.empty()) tls.ca_pem = authority_.root.certificate_pem;
    TlsTransportOptions options;
    options.tls = std::move(tls);
    options.connect_timeout = connect_timeout;
    return MakeTlsTransport(std::move(options)).value();
  }
  static void ExpectRefused(const Result<http::Response>& answer, const std::string& reason) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::kUnauthenticated) << answer.error();
    EXPECT_EQ(answer.error().sent, Sent::kNo);
    EXPECT_NE(answer.error().message.find(reason), std::string::npos) << answer.error();
    EXPECT_NE(answer.error().message.find("https://"), std::string::npos)
        << "it does not name the server: " << answer.error();
  }
  const TestAuthority authority_;
};

TEST_F(TlsVerification, AcceptsTheNameAndTheAddressItAskedFor) {
  ScriptedServer server({AlwaysAnswer("hello")}, With(authority_.Issue({"localhost", "127.0.0.1"})));
  auto client = Client();
  EXPECT_EQ(client->Send(Get(server.Url("localhost")), ForSeconds(60))->body, "hello");
  EXPECT_EQ(client->Send(Get(server.Url("127.0.0.1")), ForSeconds(60))->body, "hello");
}

TEST_F(TlsVerification, RefusesACertificateForAnotherName) {
  ScriptedServer server({AlwaysAnswer("hello")}, With(authority_.Issue({"other.example.org"})));
  ExpectRefused(Client()->Send(Get(server.Url("localhost")), ForSeconds(60)), "ostname mismatch");
  ExpectRefused(Client()->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)), "IP address mismatch");
}

TEST_F(TlsVerification, RefusesAnotherNameAlsoWhenTheHandshakeIsSlow) {
  auto options = With(authority_.Issue({"other.example.org"}));
  std::latch given_up(1);
  options.before_handshake = [&] { given_up.wait(); };
  std::atomic<int> requests{0};
  ScriptedServer server({[&](Peer& peer) {
                          if (!peer.ReadRequest().empty()) ++requests;
                        }},
                        std::move(options));
  // The server's first TLS message comes after the connect timeout, however late that is.
  auto hasty = Client({}, std::chrono::milliseconds(200))->Send(Get(server.Url("127.0.0.1")), ForSeconds(60));
  given_up.count_down();
  ASSERT_FALSE(hasty);
  EXPECT_EQ(hasty.error().code, Code::kDeadlineExceeded);
  EXPECT_EQ(hasty.error().sent, Sent::kNo);
  EXPECT_NE(hasty.error().message.find("no answer in time while shaking hands"), std::string::npos)
      << hasty.error();
  ExpectRefused(Client()->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)), "IP address mismatch");
  EXPECT_EQ(requests, 0);
}

TEST_F(TlsVerification, DoesNotTakeACommonNameForAnIdentity) {
  ScriptedServer server({AlwaysAnswer("hello")},
                        With(authority_.Issue({}, KeyKind::kEcP256, std::chrono::hours(1), "localhost")));
  ExpectRefused(Client()->Send(Get(server.Url("localhost")), ForSeconds(60)), "ostname mismatch");
}

TEST_F(TlsVerification, TakesAWildcardForOneWholeLabelOnly) {
  struct Case {
    const char* certificate;
    const char* name;
    bool fits;
  };
  for (const Case& c :
       {Case{"*.example.org", "api.example.org", true}, Case{"*.example.org", "an.api.example.org", false},
        Case{"*.example.org", "example.org", false}, Case{"a*.example.org", "api.example.org", false}}) {
    ScriptedServer server({AlwaysAnswer("hello")}, With(authority_.Issue({c.certificate})));
    TlsOptions tls;
    tls.server_name = c.name;
    const auto answer = Client(tls)->Send(Get(server.Url("127.0.0.1")), ForSeconds(10));
    EXPECT_EQ(static_cast<bool>(answer), c.fits) << c.certificate << " for " << c.name;
    if (!c.fits) ExpectRefused(answer, "ostname mismatch");
  }
}

TEST_F(TlsVerification, RefusesAnUnknownAuthority) {
  ScriptedServer server({AlwaysAnswer("hello")}, With(authority_.Issue({"localhost"})));
  TestAuthority stranger;
  TlsOptions tls;
  tls.ca_pem = stranger.root.certificate_pem;
  ExpectRefused(Client(tls)->Send(Get(server.Url("localhost")), ForSeconds(60)), "issuer certificate");
}

TEST_F(TlsVerification, RefusesAnExpiredCertificate) {
  ScriptedServer server({AlwaysAnswer("hello")},
                        With(authority_.Issue({"localhost"}, KeyKind::kEcP256, -std::chrono::hours(1))));
  ExpectRefused(Client()->Send(Get(server.Url("localhost")), ForSeconds(60)), "expired");
}

TEST_F(TlsVerification, ChecksTheServerNameOfItsOptionsInsteadOfTheHost) {
  ScriptedServer server({AlwaysAnswer("hello")}, With(authority_.Issue({"api.internal"})));
  TlsOptions tls;
  tls.server_name = "api.internal";
  EXPECT_TRUE(Client(tls)->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)));
  tls.server_name = "api.elsewhere";
  ExpectRefused(Client(tls)->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)), "api.elsewhere");
}

TEST_F(TlsVerification, SkipsTheCheckOnlyWhenItsOptionsSaySo) {
  ScriptedServer server({AlwaysAnswer("hello")}, With(authority_.Issue({"other.example.org"})));
  TlsOptions tls;
  tls.insecure_skip_verify = true;
  EXPECT_TRUE(Client(tls)->Send(Get(server.Url("localhost")), ForSeconds(60)));
}

TEST_F(TlsVerification, TrustsEveryAuthorityOfABundle) {
  ScriptedServer server({AlwaysAnswer("hello")}, With(authority_.Issue({"localhost"})));
  TlsOptions tls;
  tls.ca_pem = TestAuthority().root.certificate_pem + "\n# ours\n" + authority_.root.certificate_pem;
  EXPECT_TRUE(Client(tls)->Send(Get(server.Url("localhost")), ForSeconds(60)));
}

TEST_F(TlsVerification, TrustsAnAuthorityBelowAnother) {
  CertificateRequest request;
  request.common_name = "the cluster's own";
  request.authority = true;
  request.from = TestNow() - std::chrono::hours(24);
  request.until = TestNow() + std::chrono::hours(24);
  TestAuthority below;
  below.root = IssueCertificate(request, &authority_.root).value();
  ScriptedServer server({AlwaysAnswer("hello")}, With(below.Issue({"localhost"})));
  TlsOptions tls;
  tls.ca_pem = below.root.certificate_pem;
  const auto answer = Client(tls)->Send(Get(server.Url("localhost")), ForSeconds(60));
  EXPECT_TRUE(answer) << answer.error();
  ExpectRefused(Client(tls)->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)), "IP address mismatch");
}

TEST_F(TlsVerification, TrustsTheServersOwnCertificateAndChecksItsNameAndTime) {
  const auto certificate = authority_.Issue({"localhost"});
  TlsOptions tls;
  tls.ca_pem = certificate.certificate_pem;
  {
    ScriptedServer server({AlwaysAnswer("hello")}, With(certificate));
    const auto answer = Client(tls)->Send(Get(server.Url("localhost")), ForSeconds(60));
    EXPECT_TRUE(answer) << answer.error();
    ExpectRefused(Client(tls)->Send(Get(server.Url("127.0.0.1")), ForSeconds(60)), "IP address mismatch");
  }
  ScriptedServer sibling({AlwaysAnswer("hello")}, With(authority_.Issue({"localhost"})));
  ExpectRefused(Client(tls)->Send(Get(sibling.Url("localhost")), ForSeconds(60)), "issuer certificate");
  const auto old = authority_.Issue({"localhost"}, KeyKind::kEcP256, -std::chrono::hours(1));
  ScriptedServer expired({AlwaysAnswer("hello")}, With(old));
  tls.ca_pem = old.certificate_pem;
  ExpectRefused(Client(tls)->Send(Get(expired.Url("localhost")), ForSeconds(60)), "expired");
}

TEST_F(TlsVerification, ShowsAClientCertificateOfEveryKindOfKey) {
  for (auto kind : {KeyKind::kRsa2048, KeyKind::kEcP256, KeyKind::kEd25519}) {
    ScriptedServer::Options options;
    options.tls = authority_.MutualContext(authority_.Issue({"localhost"}));
    ScriptedServer server({AlwaysAnswer("hello")}, std::move(options));
    auto mine = authority_.Issue({}, kind);
    TlsOptions tls;
    tls.certificate_pem = mine.certificate_pem;
    tls.key_pem = mine.key_pem;
    auto answer = Client(tls)->Send(Get(server.Url("localhost")), ForSeconds(60));
    ASSERT_TRUE(answer) << static_cast<int>(kind) << " " << answer.error();
  }
}

TEST_F(TlsVerification, SaysThatTheServerWantsAClientCertificate) {
  ScriptedServer::Options options;
  options.tls = authority_.MutualContext(authority_.Issue({"localhost"}));
  ScriptedServer server({AlwaysAnswer("hello")}, std::move(options));
  auto answer = Client()->Send(Get(server.Url("localhost")), ForSeconds(60));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kUnauthenticated) << answer.error();
  EXPECT_EQ(server.handshakes(), 0);
}

TEST_F(TlsVerification, NamesTheMalformedText) {
  auto mine = authority_.Issue({});
  auto code_and_text = [](TlsOptions tls, const char* word) {
    TlsTransportOptions options;
    options.tls = std::move(tls);
    auto made = MakeTlsTransport(std::move(options));
    ASSERT_FALSE(made) << word;
    EXPECT_EQ(made.error().code, Code::kInvalidArgument);
    EXPECT_NE(made.error().message.find(word), std::string::npos) << made.error();
  };
  TlsOptions tls;
  tls.ca_pem = "not a certificate";
  code_and_text(tls, "authority");
  tls = TlsOptions{};
  tls.certificate_pem = mine.certificate_pem;
  code_and_text(tls, "missing");
  tls.key_pem = Secret("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  code_and_text(tls, "key is malformed");
  tls.key_pem = authority_.Issue({}).key_pem;
  code_and_text(tls, "does not belong");
  tls.certificate_pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  code_and_text(tls, "certificate is malformed");
}

// Both formats of a key with a passphrase in OpenSSL; their contents do not matter.
TEST_F(TlsVerification, SaysThatAnEncryptedKeyCannotBeUsedAndWhatToDoInstead) {
  for (const char* pem :
       {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHsAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
        "AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"}) {
    TlsTransportOptions options;
    options.tls.certificate_pem = authority_.Issue({}).certificate_pem;
    options.tls.key_pem = Secret(pem);
    const auto made = MakeTlsTransport(std::move(options));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::kInvalidArgument);
    EXPECT_NE(made.error().message.find("the client key is encrypted"), std::string::npos) << made.error();
  }
}

TEST_F(TlsVerification, ReportsWhenACertificateExpires) {
  const auto lasting =
      CertificateExpiry(authority_.Issue({}, KeyKind::kEcP256, std::chrono::hours(1)).certificate_pem);
  const auto expired =
      CertificateExpiry(authority_.Issue({}, KeyKind::kEcP256, -std::chrono::hours(1)).certificate_pem);
  ASSERT_TRUE(lasting && expired);
  EXPECT_EQ(*lasting - *expired >= std::chrono::minutes(119), true);
  EXPECT_FALSE(CertificateExpiry("no certificate"));
  EXPECT_FALSE(CertificateExpiry("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
}

}  // namespace
}  // namespace capstan::net

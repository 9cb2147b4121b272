// Certificates and keys in files that are rotated under a running process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/kube/credentials.hpp>
#include <capstan/core/kube/testing/credential_fixture.hpp>

namespace capstan::kube {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Sends the material it was created with to the server, as a header; rejects a server whose
// authority it does not trust.
class ShowingTransport final : public http::ForwardingTransport {
 public:
  ShowingTransport(http::Transport& next, TlsMaterial material, const std::string& authority, Sent refusal)
      : ForwardingTransport(next), material_(std::move(material)), authority_(authority), refusal_(refusal) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    CAPSTAN_RETURN_IF_ERROR(Trusts());
    return next().Send(Shown(request), context);
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    CAPSTAN_RETURN_IF_ERROR(Trusts());
    return next().Open(Shown(request), context);
  }

 private:
  Status Trusts() const {
    if (material_.ca_pem == authority_) return {};
    return Fail(Code::kUnauthenticated, "unknown authority", refusal_);
  }
  http::Request Shown(http::Request request) const {
    request.headers.Set("X-Shown", material_.certificate_pem + "/" + std::string(material_.key_pem.Reveal()));
    return request;
  }
  const TlsMaterial material_;
  const std::string& authority_;
  const Sent refusal_;
};

// Pairs are "CERT n" with "KEY n"; other combinations do not match. The server's authority is "CA
// 1".
class CertificateRotation : public CredentialFixture {
 protected:
  CertificateRotation() {
    access_.ca_pem = "CA 1";
    access_.ca_file = "/pki/ca.crt";
    access_.certificate_pem = "CERT 1";
    access_.certificate_file = "/pki/me.crt";
    access_.key_pem = Secret("KEY 1");
    access_.key_file = "/pki/me.key";
    Write("ca.crt", "CA 1");
    Write("me.crt", "CERT 1");
    Write("me.key", "KEY 1");
  }

  void Write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(files_->WriteAtomically("/pki/" + name, content));
  }
  void Rotate(const std::string& number) {
    Write("me.crt", "CERT " + number);
    Write("me.key", "KEY " + number);
  }
  void Connect() {
    auto made = MakeCredentialTransport(
        access_,
        [this](const TlsMaterial& material) -> Result<std::unique_ptr<http::Transport>> {
          const std::string& certificate = material.certificate_pem;
          const std::string_view key = material.key_pem.Reveal();
          if (certificate.substr(0, 5) != "CERT " || key.substr(0, 4) != "KEY " ||
              certificate.substr(5) != key.substr(4))
            return Fail(Code::kInvalidArgument, "the client key does not belong to the client certificate");
          return std::make_unique<ShowingTransport>(loopback_, material, authority_, refusal_);
        },
        *files_, process_, scheduler_, log_);
    ASSERT_TRUE(made) << made.error();
    transport_ = std::move(*made);
  }

  static http::Request Request(const std::string& path, const std::string& method = "GET") {
    http::Request request;
    request.method = method;
    request.url = "https://kube.test" + path;
    return request;
  }
  // What the server received; an error as text.
  std::string Shown(const std::string& method = "GET") {
    server_.Then(200, "ok");
    const auto answer = transport_->Send(Request("/version", method), Context());
    if (!answer) return std::string(answer.error().message);
    return std::string(server_.last().headers.Get("x-shown").value_or("(nothing)"));
  }
  // A response that continues until the client leaves, with the contents of `later_` in between.
  void ThenHold(const std::string& first) {
    server_.Then([this, first](const http::Request&, http::ResponseWriter& writer, const Context& context) {
      (void)writer.Begin(200, {{"Content-Type", "application/json"}});
      (void)writer.Write(first);
      while (!writer.ClientGone() && scheduler_.Sleep(seconds(1), context) != Woke::kStopped) {
        if (!later_.empty()) (void)writer.Write(std::exchange(later_, {}));
      }
    });
  }
  // Reads a stream to its end in a separate task: its data, and how it ended.
  struct Reading {
    std::string bytes;
    std::string end;
    Task task;
  };
  std::unique_ptr<Reading> Read(const std::string& path) {
    auto reading = std::make_unique<Reading>();
    reading->task = scheduler_.Spawn("reader", [this, path, to = reading.get()](const Context& context) {
      auto stream = transport_->Open(Request(path), context);
      if (!stream) {
        to->end = stream.error().message;
        return;
      }
      for (;;) {
        const auto piece = stream->body->Read(context);
        if (!piece || piece->empty()) {
          to->end = piece ? "end" : std::string(CodeName(piece.error().code));
          return;
        }
        to->bytes += *piece;
      }
    });
    scheduler_.RunFor(seconds(1));
    return reading;
  }
  std::size_t Said(std::string_view text) const {
    const auto lines = log_.Lines();
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [text](const auto& line) { return line.find(text) != line.npos; }));
  }

  std::string authority_ = "CA 1";
  Sent refusal_ = Sent::kNo;
  std::string later_;
  std::unique_ptr<http::Transport> transport_;
};

TEST_F(CertificateRotation, ANewPairIsUsedWithinAMinute) {
  Connect();
  EXPECT_EQ(Shown(), "CERT 1/KEY 1");
  Rotate("2");
  EXPECT_EQ(Shown(), "CERT 1/KEY 1") << "files are not read by every request";
  scheduler_.RunFor(seconds(61));
  EXPECT_EQ(Shown(), "CERT 2/KEY 2");
  EXPECT_THAT(log_.Lines(), ElementsAre(HasSubstr("renewed the certificates")));
  EXPECT_TRUE(log_.Contains("/pki/me.crt, /pki/me.key, /pki/ca.crt"));
  EXPECT_FALSE(log_.Contains("KEY"));
  scheduler_.RunFor(minutes(10));
  EXPECT_EQ(log_.Lines().size(), 1U) << "what did not change is not renewed";
}

TEST_F(CertificateRotation, RewritingFilesUnchangedHasNoEffect) {
  Connect();
  Write("ca.crt", "CA 1");
  Write("me.crt", "CERT 1");
  scheduler_.RunFor(minutes(5));
  EXPECT_TRUE(log_.Lines().empty());
  EXPECT_EQ(Shown(), "CERT 1/KEY 1");
}

TEST_F(CertificateRotation, WatchesOverTheOldCertificateEndAsIfTheyHadTimedOut) {
  Connect();
  ThenHold("{\"type\":\"ADDED\"}\n");
  const auto watch = Read("/api/v1/pods?watch=1&timeoutSeconds=300");
  scheduler_.RunFor(minutes(3));
  EXPECT_EQ(watch->end, "") << "nothing changed";
  Rotate("2");
  scheduler_.RunFor(seconds(61));
  EXPECT_EQ(watch->bytes, "{\"type\":\"ADDED\"}\n");
  EXPECT_EQ(watch->end, "end");
  ThenHold("");
  const auto next = Read("/api/v1/pods?watch=1&timeoutSeconds=300");
  EXPECT_EQ(server_.last().headers.Get("x-shown"), "CERT 2/KEY 2");
  scheduler_.RunFor(minutes(3));
  EXPECT_EQ(next->end, "") << "one that began with the new pair stays";
}

TEST_F(CertificateRotation, AWatchIsNotEndedWithinALine) {
  Connect();
  ThenHold("{\"type\":");
  const auto watch = Read("/api/v1/pods?watch=true");
  Rotate("2");
  scheduler_.RunFor(minutes(2));
  EXPECT_EQ(watch->end, "");
  later_ = "\"ADDED\"}\n";
  scheduler_.RunFor(seconds(2));
  EXPECT_EQ(watch->bytes, "{\"type\":\"ADDED\"}\n");
  EXPECT_EQ(watch->end, "end");
}

TEST_F(CertificateRotation, AListUnderWayIsFinished) {
  Connect();
  ThenHold("{\"items\":[\n");
  const auto list = Read("/api/v1/pods?limit=500");
  Rotate("2");
  scheduler_.RunFor(minutes(2));
  EXPECT_EQ(list->end, "");
  later_ = "]}";
  scheduler_.RunFor(seconds(2));
  EXPECT_EQ(list->bytes, "{\"items\":[\n]}");
}

TEST_F(CertificateRotation, AReaderStopsWhenAskedDuringARotation) {
  Connect();
  ThenHold("x\n");
  const auto watch = Read("/api/v1/pods?watch=1");
  watch->task.RequestStop();
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(watch->end, "cancelled");
}

TEST_F(CertificateRotation, HalfAPairKeepsTheOldPairAndIsReportedOnce) {
  Connect();
  Write("me.crt", "CERT 2");
  scheduler_.RunFor(minutes(5));
  EXPECT_EQ(Shown(), "CERT 1/KEY 1");
  ASSERT_THAT(log_.Lines(), ElementsAre(HasSubstr("the old ones stay in use")));
  EXPECT_TRUE(log_.Contains("/pki/me.crt, /pki/me.key"));
  EXPECT_TRUE(log_.Contains("the client key does not belong to the client certificate"));
  EXPECT_TRUE(log_.Contains("context dev"));
  Write("me.key", "KEY 2");
  scheduler_.RunFor(seconds(11));
  EXPECT_EQ(Shown(), "CERT 2/KEY 2") << "looked at soon";
  Write("me.key", "KEY 3");
  scheduler_.RunFor(minutes(2));
  EXPECT_EQ(Said("cannot renew"), 2U) << "another time is told again";
}

TEST_F(CertificateRotation, AFileThatIsMissingEmptyOrNoKeyKeepsTheOldOnes) {
  Connect();
  for (const std::string name : {"me.crt", "me.key", "ca.crt"}) {
    const std::string good = files_->Read("/pki/" + name).value();
    const std::size_t before = log_.Lines().size();
    ASSERT_TRUE(files_->Remove("/pki/" + name));
    scheduler_.RunFor(minutes(3));
    EXPECT_EQ(Shown(), "CERT 1/KEY 1") << name;
    EXPECT_EQ(log_.Lines().size(), before + 1) << name << " is missing";
    EXPECT_THAT(log_.Lines().back(), HasSubstr("/pki/" + name));
    Write(name, "");
    scheduler_.RunFor(minutes(3));
    EXPECT_EQ(Shown(), "CERT 1/KEY 1") << name;
    EXPECT_EQ(log_.Lines().size(), before + 2) << name << " is empty";
    EXPECT_THAT(log_.Lines().back(), HasSubstr("/pki/" + name + " is empty"));
    Write(name, good);
    scheduler_.RunFor(minutes(2));
  }
  Write("me.key", "garbage");
  scheduler_.RunFor(minutes(2));
  EXPECT_EQ(Shown(), "CERT 1/KEY 1");
}

TEST_F(CertificateRotation, ARefusedCertificateIsReadAgainImmediatelyAndTheRequestSentOnceMore) {
  Connect();
  EXPECT_EQ(Shown(), "CERT 1/KEY 1");
  Rotate("2");
  server_.Then(401, "revoked");
  server_.Then(200, "ok");
  EXPECT_EQ(transport_->Send(Request("/version", "POST"), Context())->status, 200);
  EXPECT_EQ(server_.last().headers.Get("x-shown"), "CERT 2/KEY 2");
  server_.requests.clear();
  server_.Then(401, "revoked");
  EXPECT_EQ(transport_->Send(Request("/version"), Context())->status, 401);
  EXPECT_EQ(server_.requests.size(), 1U) << "there is nothing newer";
}

TEST_F(CertificateRotation, ManyConcurrentRefusedRequestsAllContinueWithTheNewPair) {
  Connect();
  Rotate("2");
  int taken = 0;
  std::vector<Task> tasks;
  for (int i = 0; i < 20; ++i) server_.Then(401, "revoked");
  for (int i = 0; i < 20; ++i) server_.Then(200, "ok");
  for (int i = 0; i < 20; ++i) {
    tasks.push_back(scheduler_.Spawn("request", [&](const Context& context) {
      const auto answer = transport_->Send(Request("/version", "POST"), context);
      taken += answer && answer->status == 200 ? 1 : 0;
    }));
  }
  scheduler_.RunFor(seconds(10));
  EXPECT_EQ(taken, 20);
  EXPECT_EQ(Said("renewed the certificates"), 1U);
}

TEST_F(CertificateRotation, AnAuthorityThatWasReplacedIsReadWhenItsServerIsRefused) {
  Connect();
  EXPECT_EQ(Shown(), "CERT 1/KEY 1");
  authority_ = "CA 2";
  EXPECT_EQ(Shown("POST"), "unknown authority");
  Write("ca.crt", "CA 2");
  EXPECT_EQ(Shown("POST"), "CERT 1/KEY 1") << "at once: nothing had been sent";
}

TEST_F(CertificateRotation, ARequestThatMayHaveArrivedIsRepeatedOnlyIfItIsSafe) {
  // TLS 1.3: the server rejects the client certificate when it could already have read the request.
  refusal_ = Sent::kMaybe;
  Connect();
  authority_ = "CA 2";
  Write("ca.crt", "CA 2");
  EXPECT_EQ(Shown("POST"), "unknown authority");
  EXPECT_EQ(Shown("POST"), "CERT 1/KEY 1") << "but the next one has it";
  authority_ = "CA 3";
  Write("ca.crt", "CA 3");
  EXPECT_EQ(Shown("GET"), "CERT 1/KEY 1");
}

TEST_F(CertificateRotation, InlineMaterialIsNeverReadFromFiles) {
  access_.ca_file = access_.certificate_file = access_.key_file = "";
  Connect();
  Rotate("2");
  scheduler_.RunFor(minutes(5));
  server_.Then(401, "no");
  EXPECT_EQ(transport_->Send(Request("/version"), Context())->status, 401);
  EXPECT_EQ(server_.requests.size(), 1U);
  EXPECT_TRUE(log_.Lines().empty());
}

TEST_F(CertificateRotation, APluginsNewCertificateEndsWatchesOverItsOldOneAndKeepsTheAuthority) {
  access_.certificate_file = access_.key_file = access_.certificate_pem = "";
  access_.key_pem = Secret();
  access_.exec = ExecCommand{"client.authentication.k8s.io/v1", "login", {}, {}, "", false, ""};
  int runs = 0;
  process_.run = [this, &runs](const Command&, const Context&) -> Result<Completed> {
    const std::string number = std::to_string(++runs);
    return Completed{
        0,
        StrCat(R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)",
               R"({"clientCertificateData":"CERT )", number, R"(","clientKeyData":"KEY )", number,
               R"(","expirationTimestamp":")", FormatRfc3339(scheduler_.WallNow() + minutes(10)), "\"}}"),
        ""};
  };
  Connect();
  ThenHold("");
  const auto watch = Read("/api/v1/pods?watch=1");
  EXPECT_EQ(server_.last().headers.Get("x-shown"), "CERT 1/KEY 1");
  scheduler_.RunFor(minutes(9) + seconds(30));
  EXPECT_EQ(Shown(), "CERT 1/KEY 1") << "it has not lapsed, and the plugin is asked";
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(Shown(), "CERT 2/KEY 2");
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(watch->end, "end");
  authority_ = "CA 2";
  EXPECT_EQ(Shown("POST"), "unknown authority");
}

}  // namespace
}  // namespace capstan::kube

// The program's real connection to a cluster, over sockets: certificates that are rotated on disk.
// Only the clock that determines when files are checked is simulated.
#include <capstan/core/program/cluster_connection.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509.h>

#include <latch>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/net/testing/scripted_peer.hpp>

namespace capstan::program {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The common names of the certificates that clients presented to a server.
struct Shown {
  Mutex mutex;
  std::vector<std::string> names CAPSTAN_GUARDED_BY(mutex);
  std::vector<std::string> Names() {
    const MutexLock lock(mutex);
    return names;
  }
};

int NoteName(int accepted, X509_STORE_CTX* store) {
  if (X509_STORE_CTX_get_error_depth(store) != 0 || accepted != 1) return accepted;
  const auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* shown = static_cast<Shown*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  char name[64] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(X509_STORE_CTX_get_current_cert(store)), NID_commonName,
                            name, sizeof(name));
  const MutexLock lock(shown->mutex);
  shown->names.emplace_back(name);
  return accepted;
}

// Answers requests, and starts a watch that never ends.
void AnswerOrStream(net::Peer& peer) {
  for (std::string line = peer.ReadRequest(); !line.empty(); line = peer.ReadRequest()) {
    if (line.find("watch=1") == std::string::npos) {
      if (!peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) return;
      continue;
    }
    peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nfirst\n\r\n");
    peer.WaitUntilClosed();
    return;
  }
}

class ClusterConnection : public ::testing::Test {
 protected:
  ClusterConnection() {
    net::ScriptedServer::Options options;
    options.tls = authority_.MutualContext(authority_.Issue({"127.0.0.1"}));
    SSL_CTX_set_app_data(options.tls.get(), &shown_);
    SSL_CTX_set_verify(options.tls.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, &NoteName);
    server_ = std::make_unique<net::ScriptedServer>(std::vector<net::ScriptedServer::Script>{&AnswerOrStream},
                                                    std::move(options));
    access_.origin = "context dev";
    access_.server = StrCat("https://127.0.0.1:", server_->port());
    access_.ca_file = "/ca.crt";
    access_.certificate_file = "/me.crt";
    access_.key_file = "/me.key";
    Write("/ca.crt", authority_.root.certificate_pem);
  }

  net::IssuedCertificate Issue(const std::string& name, Duration until = hours(1)) const {
    return authority_.Issue({}, net::KeyKind::kEcP256, until, name);
  }
  void Write(const std::string& path, const std::string& content) {
    ASSERT_TRUE(files_->WriteAtomically(path, content));
  }
  void WritePair(const net::IssuedCertificate& pair) {
    Write("/me.crt", pair.certificate_pem);
    Write("/me.key", std::string(pair.key_pem.Reveal()));
  }
  void Connect() {
    access_.ca_pem = files_->Read("/ca.crt").value();
    access_.certificate_pem = files_->Read("/me.crt").value();
    access_.key_pem = Secret(files_->Read("/me.key").value());
    auto made = ConnectToCluster(access_, *files_, *process_, looks_, log_);
    ASSERT_TRUE(made) << made.error();
    transport_ = std::move(*made);
  }
  std::string Ask() {
    const auto answer =
        transport_->Send(net::Get(server_->Url("127.0.0.1", "/version")), net::ForSeconds(10));
    return answer ? answer->body : answer.error().message;
  }

  const net::TestAuthority authority_;
  Shown shown_;
  std::unique_ptr<net::ScriptedServer> server_;
  SimulatedScheduler looks_;
  RecordingLog log_;
  std::unique_ptr<Files> files_ = MakeMemoryFiles();
  std::unique_ptr<Process> process_ = MakeSystemProcess();
  kube::ClusterAccess access_;
  std::unique_ptr<http::Transport> transport_;
};

TEST_F(ClusterConnection, NamesTheSettingOfAnInvalidProxy) {
  class Variables final : public Process {
   public:
    Result<Completed> Run(const Command&, const Context&) override {
      return Fail(Code::kInternal, "nothing is to run");
    }
    std::optional<std::string> Environment(const std::string& name) override {
      if (name == "HTTPS_PROXY") return "socks4://me:passw0rd@127.0.0.1:1";
      return std::nullopt;
    }
  } variables;
  kube::ClusterAccess access;
  access.origin = "context dev of /k";
  access.server = "https://kube.example.org";
  const auto refusal = [&] {
    const auto made = ConnectToCluster(access, *files_, variables, looks_, log_);
    return made ? "" : made.error().message;
  };
  EXPECT_THAT(refusal(), ::testing::AllOf(HasSubstr("HTTPS_PROXY"), HasSubstr("'socks4' are not supported"),
                                          ::testing::Not(HasSubstr("passw0rd"))));
  access.proxy_url = "http://me:passw0rd@:x";
  EXPECT_THAT(refusal(), ::testing::AllOf(HasSubstr("the proxy-url of context dev of /k"),
                                          ::testing::Not(HasSubstr("passw0rd"))));
}

TEST_F(ClusterConnection, AWatchMovesToTheRenewedPair) {
  WritePair(Issue("one"));
  Connect();
  ThreadScheduler threads;
  std::latch begun(1);
  std::string end;
  Task reader = threads.Spawn("watch", [&](const Context& context) {
    const auto stream = transport_->Open(net::Get(server_->Url("127.0.0.1", "/pods?watch=1")), context);
    if (!stream) {
      end = stream.error().message;
      begun.count_down();
      return;
    }
    end = stream->body->Read(context).value_or("nothing");
    begun.count_down();
    const auto piece = stream->body->Read(context.Within(threads, seconds(60)));
    end += piece ? StrCat("then ", piece->size()) : piece.error().message;
  });
  begun.wait();
  WritePair(Issue("two"));
  looks_.RunFor(seconds(61));
  reader.Join();
  EXPECT_EQ(end, "first\nthen 0");
  EXPECT_EQ(Ask(), "ok");
  EXPECT_THAT(shown_.Names(), ElementsAre("one", "two"));
}

TEST_F(ClusterConnection, HalfAPairLeavesTheConnectionsUnchanged) {
  WritePair(Issue("one"));
  Connect();
  EXPECT_EQ(Ask(), "ok");
  const net::IssuedCertificate next = Issue("two");
  Write("/me.crt", next.certificate_pem);
  looks_.RunFor(seconds(200));
  EXPECT_EQ(Ask(), "ok");
  EXPECT_EQ(server_->connections(), 1);
  ASSERT_EQ(log_.Lines().size(), 1U);
  EXPECT_THAT(
      log_.Lines()[0],
      HasSubstr("/me.crt, /me.key, /ca.crt: the client key does not belong to the client certificate"));
  Write("/me.key", std::string(next.key_pem.Reveal()).substr(0, 60));
  looks_.RunFor(seconds(11));
  EXPECT_THAT(log_.Lines().back(), HasSubstr("the client key is malformed"));
  Write("/me.key", std::string(next.key_pem.Reveal()));
  looks_.RunFor(seconds(11));
  EXPECT_EQ(Ask(), "ok");
  EXPECT_THAT(shown_.Names(), ElementsAre("one", "two"));
}

TEST_F(ClusterConnection, AnExpiredCertificateIsReportedWithItsFileAndReplacedImmediately) {
  WritePair(Issue("late", seconds(-60)));
  Connect();
  looks_.StepWallClock(std::chrono::duration_cast<Duration>(net::TestNow() - looks_.WallNow()));
  const std::string said = Ask();
  EXPECT_THAT(said, HasSubstr("the client certificate of context dev expired on 20"));
  EXPECT_THAT(said, HasSubstr("put a new one into /me.crt, which is read again every minute"));
  WritePair(Issue("in time"));
  EXPECT_EQ(Ask(), "ok");
  EXPECT_THAT(shown_.Names(), ElementsAre("in time"));
}

TEST_F(ClusterConnection, AReplacedAuthorityIsUsedImmediately) {
  WritePair(Issue("one"));
  Write("/ca.crt", net::TestAuthority().root.certificate_pem);
  Connect();
  EXPECT_THAT(Ask(), HasSubstr("was refused"));
  const std::string& right = authority_.root.certificate_pem;
  Write("/ca.crt", right.substr(0, right.size() / 2));
  EXPECT_THAT(Ask(), HasSubstr("was refused"));
  EXPECT_THAT(log_.Lines().back(), HasSubstr("the certificate authority is not PEM"));
  Write("/ca.crt", right);
  EXPECT_EQ(Ask(), "ok");
}

}  // namespace
}  // namespace capstan::program

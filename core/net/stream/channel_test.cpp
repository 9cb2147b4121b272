// The cost of a stream of small pieces, on real sockets.
#include <capstan/core/net/stream/channel.hpp>

#include <gtest/gtest.h>

#include <capstan/core/net/client/dialer.hpp>
#include <capstan/core/net/testing/scripted_peer.hpp>

namespace capstan::net {
namespace {

constexpr int kPieces = 300;
constexpr std::size_t kPieceSize = 100;

std::string Piece(int i) {
  std::string piece = StrCat(i, " ");
  piece.resize(kPieceSize, '.');
  return piece;
}

class ChannelTest : public ::testing::TestWithParam<bool> {
 protected:
  // Connected to `server`, after the handshake if the test uses TLS.
  std::unique_ptr<Channel> Connect(const ScriptedServer& server) {
    const Instant until = After(BootNow(), std::chrono::seconds(60));
    auto channel = Dial({"127.0.0.1", server.port()}, {}, until, std::chrono::seconds(30)).value();
    if (GetParam()) {
      TlsOptions options;
      options.ca_pem = authority_.root.certificate_pem;
      context_ = MakeClientContext(options).value();
      EXPECT_TRUE(channel->StartTlsAsClient(context_.get(), "127.0.0.1", true, until));
    }
    return channel;
  }
  ScriptedServer::Options Options() {
    ScriptedServer::Options options;
    if (GetParam()) options.tls = authority_.ServerContext(authority_.Issue({"127.0.0.1"}));
    return options;
  }
  static std::string ReadAll(Channel& channel) {
    std::string all;
    while (all.size() < kPieces * kPieceSize) {
      char bytes[4096];
      const auto got = channel.Read(bytes, sizeof bytes, After(BootNow(), std::chrono::seconds(60)));
      if (!got || *got == 0) break;
      all.append(bytes, *got);
    }
    return all;
  }
  TestAuthority authority_;
  TlsContext context_;
};

TEST_P(ChannelTest, ABurstOfSmallPiecesCostsFewReadsAndLosesNone) {
  ScriptedServer server({[](Peer& peer) {
                          for (int i = 0; i < kPieces; ++i) {
                            peer.Send(Piece(i));
                            std::this_thread::yield();  // the client could read between any two
                          }
                          peer.WaitUntilClosed();
                        }},
                        Options());
  const auto channel = Connect(server);
  // So long that few reads are needed even if the server is suspended for a while.
  channel->GatherFor(std::chrono::milliseconds(200));
  const std::uint64_t before = channel->receives();
  const std::string all = ReadAll(*channel);
  std::string expected;
  for (int i = 0; i < kPieces; ++i) expected += Piece(i);
  EXPECT_EQ(all, expected);
  EXPECT_LE(channel->receives() - before, 30u);
}

TEST_P(ChannelTest, OneWaitIsFollowedByOneRead) {
  // The server sends the next piece only after it received the answer to the last, so the client
  // waits for each piece.
  ScriptedServer server({[](Peer& peer) {
                          for (int i = 0; i < kPieces; ++i) {
                            peer.Send(Piece(i));
                            char answer = 0;
                            const Instant until = After(BootNow(), std::chrono::seconds(60));
                            if (!peer.channel().Read(&answer, 1, until)) return;
                          }
                          peer.WaitUntilClosed();
                        }},
                        Options());
  const auto channel = Connect(server);
  const std::uint64_t before = channel->receives();
  const Instant until = After(BootNow(), std::chrono::seconds(60));
  for (int i = 0; i < kPieces; ++i) {
    char bytes[4096];
    const auto got = channel->Read(bytes, sizeof bytes, until);
    ASSERT_TRUE(got) << got.error();
    ASSERT_EQ(std::string(bytes, *got), Piece(i));
    ASSERT_TRUE(channel->Write("x", until));
  }
  // TLS may send tickets after the handshake.
  EXPECT_LE(channel->receives() - before, kPieces + 5u);
}

// A connection carries streams and single responses in turn: with bytes of both at hand, OpenSSL
// and the channel take turns in reading ahead.
TEST_P(ChannelTest, LosesNoByteWhenAStreamBeginsOrEndsAmongManySmallRecords) {
  ScriptedServer server({[](Peer& peer) {
                          for (int i = 0; i < kPieces; ++i) peer.Send(Piece(i));
                          peer.WaitUntilClosed();
                        }},
                        Options());
  const auto channel = Connect(server);
  std::string all, expected;
  for (int i = 0; i < kPieces; ++i) expected += Piece(i);
  for (int i = 0; all.size() < expected.size(); ++i) {
    if (i % 5 == 0) channel->GatherFor(std::chrono::milliseconds(i % 2));
    char bytes[7];
    const auto got = channel->Read(bytes, sizeof bytes, After(BootNow(), std::chrono::seconds(60)));
    ASSERT_TRUE(got && *got > 0);
    all.append(bytes, *got);
  }
  EXPECT_EQ(all, expected);
}

INSTANTIATE_TEST_SUITE_P(PlainAndTls, ChannelTest, ::testing::Bool());

}  // namespace
}  // namespace capstan::net

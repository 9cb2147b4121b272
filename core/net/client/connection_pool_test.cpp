#include <capstan/core/net/client/connection_pool.hpp>

#include <gtest/gtest.h>

namespace capstan::net {
namespace {

std::unique_ptr<Connection> Idle() {
  return std::make_unique<Connection>(
      std::make_unique<Channel>(Poco::Net::StreamSocket(Poco::Net::AddressFamily::IPv4), "nobody"));
}

TEST(ConnectionPool, ForgetsThePlaceThatLedNowhereAndNoOther) {
  ConnectionPool pool(10, std::chrono::hours(1));
  pool.Put("here", Idle());
  pool.Put("here", Idle());
  pool.Put("there", Idle());
  pool.Forget("here");
  EXPECT_EQ(pool.size(), 1u);
  EXPECT_EQ(pool.Take("here"), nullptr);
  pool.Forget("nowhere");
  EXPECT_EQ(pool.size(), 1u);
}

}  // namespace
}  // namespace capstan::net

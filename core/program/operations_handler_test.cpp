#include <capstan/core/program/operations_handler.hpp>

#include <gtest/gtest.h>

namespace capstan::program {
namespace {

TEST(ListenAddress, IsParsedIntoHostAndPort) {
  struct Row {
    const char *text, *host;
    std::uint16_t port;
  };
  for (const Row& row : {Row{"127.0.0.1:8081", "127.0.0.1", 8081}, Row{":8081", "0.0.0.0", 8081},
                         Row{"127.0.0.1:0", "127.0.0.1", 0}, Row{":0", "0.0.0.0", 0}}) {
    const auto address = ParseListenAddress(row.text);
    ASSERT_TRUE(address) << row.text << ": " << address.error();
    EXPECT_EQ(address->host, row.host) << row.text;
    EXPECT_EQ(address->port, row.port) << row.text;
  }
}

TEST(ListenAddress, IsNamedInTheErrorIfMalformed) {
  for (const char* text :
       {"", "8081", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:80/x", "a b:80"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, Code::kInvalidArgument);
    EXPECT_NE(address.error().message.find('"' + std::string(text) + '"'), std::string::npos)
        << address.error();
  }
}

}  // namespace
}  // namespace capstan::program

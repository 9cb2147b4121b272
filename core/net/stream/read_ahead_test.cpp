#include <capstan/core/net/stream/read_ahead.hpp>

#include <gtest/gtest.h>

#include <string>

namespace capstan::net {
namespace {

void Arrive(ReadAhead& ahead, std::string_view bytes) {
  std::memcpy(ahead.Room().data(), bytes.data(), bytes.size());
  ahead.Received(bytes.size());
}

std::string Take(ReadAhead& ahead, std::size_t size) {
  std::string bytes(size, '\0');
  bytes.resize(ahead.Take(bytes.data(), size));
  return bytes;
}

TEST(ReadAhead, ReturnsBytesInTheOrderTheyArrived) {
  ReadAhead ahead;
  EXPECT_TRUE(ahead.empty());
  Arrive(ahead, "head and the rest");
  EXPECT_EQ(Take(ahead, 4), "head");
  EXPECT_EQ(Take(ahead, 5), " and ");
  EXPECT_FALSE(ahead.empty());
  EXPECT_EQ(Take(ahead, 100), "the rest");
  EXPECT_TRUE(ahead.empty());
  Arrive(ahead, "more");
  EXPECT_EQ(Take(ahead, 100), "more");
}

TEST(ReadAhead, GrowsUpToItsLimitWhenReadsFillIt) {
  ReadAhead ahead;
  const auto fill = [&] {
    const std::string bytes(ahead.Room().size(), 'x');
    Arrive(ahead, bytes);
    EXPECT_EQ(Take(ahead, bytes.size()), bytes);
  };
  Arrive(ahead, "little");
  Take(ahead, 100);
  EXPECT_EQ(ahead.Room().size(), ReadAhead::kFirst);
  for (int i = 0; i < 5; ++i) fill();
  EXPECT_EQ(ahead.Room().size(), ReadAhead::kMost);
}

}  // namespace
}  // namespace capstan::net

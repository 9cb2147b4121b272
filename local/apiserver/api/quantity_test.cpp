#include <capstan/local/apiserver/api/quantity.hpp>

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>

namespace capstan::apiserver {
namespace {

TEST(Quantity, HasOneCanonicalForm) {
  const std::pair<const char*, const char*> rows[] = {
      {"1000m", "1"},        {"1024Mi", "1Gi"},  {"1000", "1k"},      {"1500", "1500"},
      {"1.5", "1500m"},      {"0.5Gi", "512Mi"}, {"1.5Gi", "1536Mi"}, {"0", "0"},
      {"00.10", "100m"},     {"-2000m", "-2"},   {"100", "100"},      {"1Ki", "1Ki"},
      {"1000Ki", "1000Ki"},  {"0.5Ki", "512"},   {"1e3", "1e3"},      {"12e6", "12e6"},
      {"1E", "1E"},          {"1e2", "100"},     {"1n", "1n"},        {"0.1n", "1n"},
      {"100.5m", "100500u"}, {"2048Gi", "2Ti"},  {"1000000k", "1G"},  {"+5", "5"},
      {"bogus", "bogus"}};
  for (const auto& [given, stored] : rows) EXPECT_EQ(CanonicalQuantity(given), stored) << given;
}

TEST(Quantity, IsAddedInTheWayOfTheFirst) {
  const std::tuple<const char*, const char*, const char*> rows[] = {{"400m", "600m", "1"},
                                                                    {"1", "500m", "1500m"},
                                                                    {"1Gi", "1Gi", "2Gi"},
                                                                    {"1Gi", "1G", "2073741824"},
                                                                    {"0", "1Gi", "1Gi"},
                                                                    {"1Gi", "0", "1Gi"},
                                                                    {"2", "-2", "0"},
                                                                    {"-3", "1", "-2"},
                                                                    {"512Mi", "512Mi", "1Gi"},
                                                                    {"1k", "1", "1001"},
                                                                    {"", "5", "5"},
                                                                    {"9E", "9Ei", "19376293541461622784"},
                                                                    {"1e36", "1Ei", "1e36"}};
  for (const auto& [a, b, sum] : rows) EXPECT_EQ(AddQuantities(a, b), sum) << a << " + " << b;
}

TEST(Quantity, IsANumberWithAKnownSuffix) {
  for (const char* good : {"1", "1.5", ".5", "1.", "-1Gi", "+1m", "1e3", "1E-3", "1E"})
    EXPECT_TRUE(IsQuantity(good)) << good;
  for (const char* bad : {"", "x", "1x", "1 Gi", "Gi", "1GiB", "1e", "--1", "1.2.3", "1Bogus"})
    EXPECT_FALSE(IsQuantity(bad)) << bad;
}

}  // namespace
}  // namespace capstan::apiserver

#include <capstan/local/apiserver/schema/format.hpp>

#include <gtest/gtest.h>

namespace capstan::apiserver {
namespace {

struct Row {
  const char* format;
  const char* text;
  bool fits;
};

TEST(HasFormat, AgreesWithKubernetes) {
  const Row rows[] = {
      {"date-time", "2020-02-29T23:59:59Z", true},
      {"date-time", "2020-01-01t00:00:00.5+02:00", true},
      {"date-time", "2021-02-29T00:00:00Z", false},
      {"date-time", "2020-13-01T00:00:00Z", false},
      {"date-time", "2020-01-01T24:00:00Z", false},
      {"date-time", "2020-01-01T00:00:00", false},
      {"date-time", "2020-01-01 00:00:00Z", false},
      {"date", "2020-02-29", true},
      {"date", "2020-02-30", false},
      {"ipv4", "1.2.3.4", true},
      {"ipv4", "01.2.3.4", true},
      {"ipv4", "::1", false},
      {"ipv6", "::1", true},
      {"ipv6", "1.2.3.4", false},
      {"cidr", "10.0.0.0/8", true},
      {"cidr", "10.0.0.0/33", false},
      {"cidr", "10.0.0.0", false},
      {"uri", "https://a/b?c", true},
      {"uri", "/path", true},
      {"uri", "x", false},
      {"uri", "http://a b", false},
      {"uri", "http://a/%zz", false},
      {"uuid", "123e4567-e89b-12d3-a456-426614174000", true},
      {"uuid", "x", false},
      {"uuid4", "123e4567-e89b-12d3-a456-426614174000", false},
      {"uuid4", "123e4567-e89b-42d3-a456-426614174000", true},
      {"byte", "YQ==", true},
      {"byte", "YQ", false},
      {"byte", "", false},
      {"hostname", "example.com", true},
      {"hostname", "-x", false},
      {"hostname", "a.b", false},
      {"email", "a@example.com", true},
      {"email", "a@b.c", true},
      {"email", "A <a@b>", true},
      {"email", "x", false},
      {"email", "a..b@c", false},
      {"mac", "00:11:22:33:44:55", true},
      {"mac", "0011.2233.4455", true},
      {"mac", "x", false},
      {"duration", "1h30m", true},
      {"duration", "3 weeks", true},
      {"duration", "P1D", true},
      {"duration", "-1s", true},
      {"duration", "1", false},
      {"duration", "x", false},
      {"hexcolor", "#ffaa00", true},
      {"hexcolor", "#ff", false},
      {"k8s-short-name", "a-b", true},
      {"k8s-short-name", "A", false},
      {"password", "", true},
      {"nobody-knows", "anything", true},
  };
  for (const Row& row : rows)
    EXPECT_EQ(HasFormat(row.format, row.text), row.fits) << row.format << " " << row.text;
}

}  // namespace
}  // namespace capstan::apiserver

#include <capstan/apps/capstan/view/offer_view.hpp>

#include <gtest/gtest.h>

#include <capstan/apps/capstan/console/terminal.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

using external::Offer;

TEST(OfferView, HasAColumnForEachDetailInTheOrderInWhichTheyAppear) {
  const std::vector<OffersOfKind> all = {
      {"boxes",
       "Box",
       {Offer{"small", "", true, R"({"vcpus":1,"monthlyCost":12,"regions":["a","b"]})"},
        Offer{"large", "", true, R"({"vcpus":8,"monthlyCost":96.5,"gpu":true})"}}}};
  EXPECT_EQ(Join(OffersToLines(all, false, 0), "\n"),
            "VALUE  VCPUS  MONTHLY-COST  REGIONS  GPU\n"
            "small  1      12            a,b      -\n"
            "large  8      96.5          -        yes");
}

TEST(OfferView, LongDetailsAreShortenedToFitTheTerminal) {
  const Offer small{"small", "", true, R"({"regions":["nyc1","nyc2","nyc3","ams3","sfo2","sfo3","sgp1"]})"};
  const std::vector<OffersOfKind> all = {{"boxes", "Box", {small}}};
  EXPECT_NE(Join(OffersToLines(all, false, 0), "\n").find("sgp1"), std::string::npos);
  for (const std::string& line : OffersToLines(all, false, 30)) EXPECT_LE(ColumnsOf(line), 30U) << line;
  EXPECT_NE(Join(OffersToLines(all, false, 30), "\n").find("nyc1"), std::string::npos);
}

TEST(OfferView, ShowsNamesAvailabilityAndKindsOnlyIfNeeded) {
  const std::vector<OffersOfKind> plain = {{"boxes", "Box", {Offer{"a", "", true, ""}}}};
  EXPECT_EQ(Join(OffersToLines(plain, false, 0), "\n"), "VALUE\na");
  const std::vector<OffersOfKind> all = {
      {"boxes", "Box", {Offer{"a", "First", true, ""}, Offer{"b", "", false, ""}}},
      {"bags", "Bag", {Offer{"c", "", true, "{}"}}}};
  EXPECT_EQ(Join(OffersToLines(all, true, 0), "\n"),
            "KIND  VALUE  NAME   AVAILABLE\n"
            "Box   a      First  yes\n"
            "Box   b      -      no\n"
            "Bag   c      -      yes");
}

TEST(OfferView, SaysThatThereAreNoOffers) {
  EXPECT_EQ(Join(OffersToLines({{"boxes", "Box", {}}}, false, 0), "\n"), "nothing on offer");
  EXPECT_EQ(OffersToJson({{"boxes", "Box", {}}}), R"({"items":[]})");
}

TEST(OfferView, AsJsonHasEveryFieldOfEveryOffer) {
  EXPECT_EQ(
      OffersToJson(
          {{"boxes", "Box", {Offer{"a", "First", false, R"({"vcpus":1})"}, Offer{"b", "", true, ""}}}}),
      R"({"items":[{"plugin":"boxes","kind":"Box","value":"a","name":"First","available":false,"details":{"vcpus":1}},)"
      R"({"plugin":"boxes","kind":"Box","value":"b","available":true,"details":{}}]})");
}

}  // namespace
}  // namespace capstan::app

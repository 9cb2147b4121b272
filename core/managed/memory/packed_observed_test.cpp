#include <capstan/core/managed/memory/packed_observed.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace capstan::managed {
namespace {

external::Observed Shown() {
  external::Observed shown;
  shown.id = "id-1";
  shown.name = "web";
  shown.identity = "capstan:1";
  shown.owner = "capstan-owner:1";
  shown.phase = external::Phase::kReady;
  shown.message = "it\0runs";
  shown.created_at = "2026-11-22T07:00:00Z";
  shown.status = R"({"a":")" + std::string(3000, 'x') + R"("})";
  shown.state = R"({"b":[1,2,3]})";
  shown.connectable = true;
  return shown;
}

TEST(PackedObserved, UnpacksToWhatWasPackedAndIsSmaller) {
  const external::Observed shown = Shown();
  ObservedPacker packer;
  const auto unpacked = PackedObserved(shown, packer).Unpack();
  ASSERT_TRUE(unpacked) << unpacked.error();
  EXPECT_EQ(DigestOf(*unpacked), DigestOf(shown));
  EXPECT_EQ(unpacked->status, shown.status);
  EXPECT_EQ(unpacked->state, shown.state);
  EXPECT_EQ(unpacked->phase, shown.phase);
  EXPECT_TRUE(unpacked->connectable);
  EXPECT_EQ(PackedObserved(shown, packer).digest(), DigestOf(shown));
  EXPECT_EQ(DigestOf(PackedObserved(external::Observed{}, packer).Unpack().value()),
            DigestOf(external::Observed{}));
}

TEST(PackedObserved, ReusesTheBytesOfAnEarlierListOnlyWhenNothingDiffers) {
  ObservedPacker packer;
  external::Observed shown;
  shown.id = "1";
  shown.state = R"({"a":1})";
  const PackedObserved first(shown, packer);
  EXPECT_EQ(PackedObserved(shown, packer, &first).Unpack()->state, R"({"a":1})");
  shown.state = R"({"a":2})";
  const PackedObserved second(shown, packer, &first);
  EXPECT_NE(second.digest(), first.digest());
  EXPECT_EQ(second.Unpack()->state, R"({"a":2})");
}

TEST(PackedObserved, HasAnotherDigestWhenAnyFieldDiffers) {
  const std::vector<std::function<void(external::Observed&)>> changes = {
      [](auto& it) { it.id += "x"; },
      [](auto& it) { it.name += "x"; },
      [](auto& it) { it.identity.clear(); },
      [](auto& it) { it.owner.clear(); },
      [](auto& it) { it.phase = external::Phase::kDegraded; },
      [](auto& it) { it.message += "x"; },
      [](auto& it) { it.created_at.clear(); },
      [](auto& it) { it.status += " "; },
      [](auto& it) { it.state += " "; },
      [](auto& it) { it.connectable = false; },
      [](auto& it) { std::swap(it.identity, it.owner); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    external::Observed changed = Shown();
    changes[i](changed);
    EXPECT_NE(DigestOf(changed), DigestOf(Shown())) << "change " << i;
  }
}

}  // namespace
}  // namespace capstan::managed

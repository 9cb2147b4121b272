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

TEST(PackedObserved, HoldsWhatItWasPackedFromCompressedOrNot) {
  ObservedPacker packer;
  EXPECT_TRUE(PackedObserved(Shown(), packer).Holds(Shown(), packer));
  external::Observed small;
  small.id = "1";
  const PackedObserved packed(small, packer);
  EXPECT_TRUE(packed.Holds(small, packer));
  EXPECT_FALSE(packed.Holds(Shown(), packer));
  small.id = "2";
  EXPECT_FALSE(packed.Holds(small, packer));
}

TEST(PackedObserved, KeepsTheDictionaryItWasPackedWith) {
  ObservedPacker later;
  external::Observed first, second = Shown();
  first.state = R"({"x":")" + std::string(500, 'y') + R"("})";
  second.id = "id-2";
  const PackedObserved other(first, later);
  const auto packed = [&] {
    ObservedPacker packer;
    (void)PackedObserved(Shown(), packer);
    EXPECT_NE(packer.dictionary(), later.dictionary());
    return PackedObserved(second, packer);
  }();
  EXPECT_TRUE(packed.Holds(second, later));
  EXPECT_FALSE(packed.Holds(Shown(), later));
  const auto unpacked = packed.Unpack();
  ASSERT_TRUE(unpacked) << unpacked.error();
  EXPECT_EQ(DigestOf(*unpacked), DigestOf(second));
}

TEST(PackedObserved, IsAnotherOneWhenAnyFieldDiffers) {
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
      [](auto& it) { it.state[2] = 'c'; },  // as long as before
  };
  ObservedPacker packer;
  const PackedObserved packed(Shown(), packer);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    external::Observed changed = Shown();
    changes[i](changed);
    EXPECT_NE(DigestOf(changed), DigestOf(Shown())) << "change " << i;
    EXPECT_FALSE(packed.Holds(changed, packer)) << "change " << i;
  }
}

}  // namespace
}  // namespace capstan::managed

#include <capstan/core/typed/fields.hpp>

#include <array>

#include <gtest/gtest.h>

#include <capstan/core/typed/object_meta.hpp>

namespace capstan::typed {
namespace {

enum class Colour { kRed, kGreen };
std::span<const std::string_view> EnumTexts(Colour) {
  static constexpr std::array<std::string_view, 2> kTexts = {"red", "green"};
  return kTexts;
}

struct Port {
  std::string name;
  std::optional<std::int32_t> number;
  Json unknown_fields;
  template <class Self, class Visitor>
  static void VisitFields(Self& self, Visitor& visitor) {
    visitor.Required("name", self.name);
    visitor.Optional("number", self.number);
  }
  friend bool operator==(const Port&, const Port&) = default;
};

struct Widget {
  ObjectMeta metadata;
  std::vector<Port> ports;
  std::optional<std::map<std::string, std::vector<double>>> weights;
  Colour colour = Colour::kGreen;
  std::optional<IntOrString> target;
  std::optional<Quantity> memory;
  std::optional<Time> since;
  bool on = true;
  Json unknown_fields;
  template <class Self, class Visitor>
  static void VisitFields(Self& self, Visitor& visitor) {
    visitor.Required("metadata", self.metadata);
    visitor.Required("ports", self.ports);
    visitor.Optional("weights", self.weights);
    visitor.Defaulted("colour", self.colour);
    visitor.Optional("target", self.target);
    visitor.Optional("memory", self.memory);
    visitor.Optional("since", self.since);
    visitor.Defaulted("on", self.on);
  }
  friend bool operator==(const Widget&, const Widget&) = default;
};

const kube::Kind kKind{"example.dev", "v1", "Widget", "widgets"};

constexpr char kWhole[] =
    R"({"apiVersion":"example.dev/v1","kind":"Widget","metadata":{"name":"a","managedFields":[{"manager":"x"}]},)"
    R"("ports":[{"name":"http","number":80,"later":{"a":[1]}}],"weights":{"w":[1.5,2]},"colour":"red",)"
    R"("target":"http","memory":"1.5Gi","since":"2026-11-22T07:00:00.25Z","on":false,"extra":null})";

TEST(TypedFields, ReadingAndWritingReturnsTheSameDocument) {
  const auto widget = ReadWhole<Widget>(kWhole, kKind);
  ASSERT_TRUE(widget) << widget.error();
  EXPECT_EQ(widget->ports[0].number, 80);
  EXPECT_EQ(widget->colour, Colour::kRed);
  EXPECT_FALSE(widget->on);
  const std::string text = WriteWhole(*widget, kKind);
  const auto again = ReadWhole<Widget>(text, kKind);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*again, *widget);
  EXPECT_EQ(WriteWhole(*again, kKind), text);
  EXPECT_NE(text.find(R"("later":{"a":[1]})"), std::string::npos) << "unknown fields are kept";
  EXPECT_NE(text.find("managedFields"), std::string::npos);
  EXPECT_NE(text.find("07:00:00.25Z"), std::string::npos) << "times keep their fraction";
}

TEST(TypedFields, ABadValueIsNamedByItsPath) {
  const auto problem = [](const std::string& json) {
    const auto widget = ReadWhole<Widget>(json, kKind);
    return widget ? std::string("no error") : widget.error().message;
  };
  EXPECT_EQ(problem(R"({"metadata":{},"ports":[{"name":"a"},{"name":"b","number":"80"}]})"),
            "Widget: ports[1].number: expected an integer, found \"80\"");
  EXPECT_EQ(problem(R"({"metadata":{},"ports":[{"name":"a","number":4294967296}]})"),
            "Widget: ports[0].number: 4294967296 does not fit into 32 bits");
  EXPECT_EQ(problem(R"({"metadata":{},"ports":[{}]})"), "Widget: ports[0].name: is required and missing");
  EXPECT_EQ(problem(R"({"metadata":{},"ports":[],"weights":{"w":[1,true]}})"),
            "Widget: weights.w[1]: expected a number, found true");
  EXPECT_EQ(problem(R"({"metadata":{},"ports":[],"colour":"blue"})"),
            "Widget: colour: \"blue\" is none of \"red\", \"green\"");
  EXPECT_EQ(problem(R"({"metadata":{"ownerReferences":[{"name":1}]},"ports":[]})"),
            "Widget: metadata.ownerReferences[0].apiVersion: is required and missing");
  EXPECT_EQ(problem(R"({"kind":"Gadget"})"), "Widget: kind: expected Widget, found \"Gadget\"");
  EXPECT_EQ(problem("[]"), "Widget: expected an object, found a list");
}

TEST(TypedFields, DefaultsApplyIfAFieldIsAbsentOrNull) {
  const auto widget = ReadWhole<Widget>(R"({"metadata":{},"ports":[],"on":null})", kKind);
  ASSERT_TRUE(widget) << widget.error();
  EXPECT_EQ(widget->colour, Colour::kGreen);
  EXPECT_TRUE(widget->on);
  EXPECT_FALSE(widget->weights);
}

TEST(TypedValues, QuantitiesCompareByAmountAndKeepTheirText) {
  EXPECT_EQ(*Quantity::Parse("1Gi"), *Quantity::Parse("1024Mi"));
  EXPECT_LT(*Quantity::Parse("100m"), *Quantity::Parse("0.2"));
  EXPECT_EQ(Quantity::Parse("+2e3")->value(), 2000);
  EXPECT_EQ(Quantity::Parse("1024Mi")->text(), "1024Mi");
  for (const char* bad : {"", "Gi", "1 Gi", "1gi", "1e", "--1", "1.2.3", "0x10"})
    EXPECT_FALSE(Quantity::Parse(bad)) << bad;
}

TEST(TypedValues, APercentageIsAShareOfTheWhole) {
  EXPECT_EQ(*IntOrString("25%").Of(10, true), 3);
  EXPECT_EQ(*IntOrString("25%").Of(10, false), 2);
  EXPECT_EQ(*IntOrString(4).Of(10, true), 4);
  EXPECT_FALSE(IntOrString("http").Of(10, true));
  EXPECT_FALSE(IntOrString("-1%").Of(10, true));
}

}  // namespace
}  // namespace capstan::typed

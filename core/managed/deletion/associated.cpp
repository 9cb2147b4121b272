// What was made from within a cloud object (load balancers, volumes) and goes with it, if the spec
// says so. People see the list in status before anything of it goes: only what an earlier reconcile has
// shown is removed.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

using external::Associated;

// spec.associatedResources: "Keep", "Delete", or by kind true, false or a list of ids.
class Choice {
 public:
  explicit Choice(const ReconcileContext& ctx) {
    const auto text = ctx.object.ValueAt("/spec/associatedResources");
    const auto tree = text ? json::ParseTree(*text) : json::ParseTree("null");
    if (!tree) return;
    all_ = tree->isString() && tree->convert<std::string>() == "Delete";
    kinds_ = json::AsObject(*tree);
  }
  bool keeps_all() const { return !all_ && !kinds_; }
  bool Goes(const Associated& item) const {
    if (all_ || !kinds_ || !kinds_->has(item.kind)) return all_;
    if (const auto whole = json::BooleanIn(kinds_, item.kind)) return *whole;
    const auto ids = json::ArrayIn(kinds_, item.kind);
    for (std::size_t i = 0; ids && i < ids->size(); ++i) {
      const auto id = ids->get(static_cast<unsigned>(i));
      if (id.isString() && id.convert<std::string>() == item.id) return true;
    }
    return false;
  }

 private:
  bool all_ = false;
  json::ObjectPtr kinds_;
};

json::ArrayPtr Rendered(const std::vector<Associated>& all, const Choice& choice) {
  auto list = json::MakeArray();
  for (const auto& item : all) {
    auto entry = json::MakeObject();
    entry->set("kind", item.kind);
    entry->set("id", item.id);
    if (!item.name.empty()) entry->set("name", item.name);
    entry->set("goes", choice.Goes(item));
    list->add(entry);
  }
  return list;
}

// Whether status in the object says of this one that it will go.
bool IsShown(const json::ArrayPtr& shown, const Associated& item) {
  for (std::size_t i = 0; shown && i < shown->size(); ++i) {
    const auto entry = json::AsObject(shown->get(static_cast<unsigned>(i)));
    if (json::StringIn(entry, "kind") == item.kind && json::StringIn(entry, "id") == item.id &&
        json::BooleanIn(entry, "goes") == true) {
      return true;
    }
  }
  return false;
}

bool AllShown(const ReconcileContext& ctx, const std::vector<Associated>& going) {
  const auto text = ctx.object.ValueAt("/status/" + ctx.setting.info.associated_status_field);
  const auto tree = text ? json::ParseTree(*text) : json::ParseTree("null");
  const auto shown = tree ? json::AsArray(*tree) : json::ArrayPtr();
  return std::all_of(going.begin(), going.end(), [&](const auto& item) { return IsShown(shown, item); });
}

}  // namespace

Result<Next> DecideAssociated(ReconcileContext& ctx, const std::string& id,
                              external::DeleteOptions& options) {
  const Choice choice(ctx);
  if (choice.keeps_all()) return Next::kGoOn;
  auto all = ctx.cloud->ListAssociated(id, ctx.Reading());
  if (!all) {
    if (all.error().code == Code::kUnimplemented) return Next::kGoOn;
    return ctx.Trouble(all.error(), StrCat("cannot list what would go with cloud object ", id));
  }
  std::vector<Associated> going;
  std::copy_if(all->begin(), all->end(), std::back_inserter(going),
               [&](const Associated& item) { return choice.Goes(item); });
  const std::string& field = ctx.setting.info.associated_status_field;
  if (field.empty() && !going.empty()) {
    return ctx.Blocked(Reason::kDeletionRejected,
                       "spec.associatedResources names what this kind cannot show before it goes. Set it to "
                       "Keep",
                       ctx.setting.options.poll_blocked);
  }
  if (AllShown(ctx, going)) {
    options.associated = std::move(going);
    return Next::kGoOn;
  }
  auto status = json::MakeObject();
  status->set(field, Rendered(*all, choice));
  CAPSTAN_RETURN_IF_ERROR(ctx.PatchStatus(status));
  if (!AllShown(ctx, going)) {
    return ctx.Blocked(
        Reason::kCRDOutdated,
        StrCat("the API server dropped status.", field,
               ", where what goes too has to stand "
               "before it goes. Apply the CustomResourceDefinition that `capstan crds` prints, "
               "or set spec.associatedResources to Keep"),
        ctx.setting.options.poll_blocked);
  }
  ctx.Synced("False", Reason::kWaiting,
             StrCat(going.size(), " of ", all->size(), " associated resources go with cloud object ", id,
                    "; they stand in status.", field, " and are removed with it at the next look"));
  ctx.Again(ctx.setting.options.poll_changing);
  return Next::kStop;
}

}  // namespace capstan::managed

// CarelessProvider hands on to a sound provider and is careless in one thing: what the conformance
// suite is there to notice. Thread-safe as the one it hands on to.
#pragma once

#include <memory>

#include <capstan/core/external/external.hpp>

namespace capstan::abi {

enum class Carelessness {
  kAdoptsNothing,         // says done, does nothing
  kForgetsTheOwner,       // adopts with the identity only
  kAdoptsInTwoRequests,   // and could be cut in between
  kFindsWhatIsAbsent,     // adopts what is not there
  kTakesRefusalForDone,   // an adoption is done whatever the cloud says
  kPlansToScaleNothing,   // as if there were something
  kPlansNothingToMake,    // for what is not there
  kNamesNoDifference,     // steps only
  kAlwaysDiffers,         // a difference that is none
  kNothingIsAssociated,   // whatever the cloud answers
  kAssociatedTwice,       // the same thing two times
  kTellsEverythingAgain,  // notices, whatever they are asked since
  kLosesNotices,          // tells nothing later
  kNoNewsIsGoodNews,      // an error is no notice
  kExpiredConnection,     // hands out what works no more
  kOffersTwice,           // the same size two times
  kOffersNothing,         // whatever the cloud answers
  kOffersEveryCatalog,    // empty where there is none
  kFindsEverything,       // whatever is in the account
  kClaimsEverything,      // and says that it carries the identity asked for
  kFindsByPrefix,         // whatever is called "conformance-..."
  kFindsNothing,          // ever
  kFindFails,             // as it does when pages do not add up, or a name is not UTF-8
  kFindFailsLater,        // as soon as something of the suite's is there
  kAnswersForeignId,      // makes it, and answers with the id of something else
  kAnswersUnknownId,      // makes it, and answers with an id that nothing has
  kMakesWithoutTags,      // so that nobody can tell whose it is
  kRemovesNothing,        // says done, does nothing
  kReadsOnePage,          // of what it should find
  kTellsNoAccounts,       // which is no fault: some clouds do not
};

// `next` is the session that it hands on to.
std::unique_ptr<external::External> MakeCareless(std::unique_ptr<external::External> next, Carelessness how);
// The same for all sessions of a provider.
std::unique_ptr<external::Provider> MakeCareless(std::unique_ptr<external::Provider> next, Carelessness how);

}  // namespace capstan::abi

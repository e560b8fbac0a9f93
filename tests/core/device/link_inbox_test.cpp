#include "core/device/link_inbox.h"

#include <gtest/gtest.h>

namespace percept::device {
namespace {

TEST(LinkInbox, isBoundedInBytesAndInNumber)
{
    LinkInbox inbox;
    int taken = 0;
    while (taken < 100 && inbox.put({ "percept/d1/desired", std::string(1u << 20, 'x') }))
        ++taken;
    EXPECT_EQ(taken, 7); // of 8 MiB, with their topics
    EXPECT_EQ(inbox.take().size(), 7u);
    EXPECT_TRUE(inbox.isEmpty());
    for (taken = 0; taken < 5000 && inbox.put({ "t", "" });)
        ++taken;
    EXPECT_EQ(taken, 1000);
    EXPECT_EQ(inbox.take().size(), 1000u);
    EXPECT_TRUE(inbox.put({ "t", "" }));
}

}
}

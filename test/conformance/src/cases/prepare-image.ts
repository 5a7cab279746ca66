import { EnsureState, Feature, Image, PrepareImageRequest } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { expect, expectEqual, expectError, expectPresent, Skip } from "../expect.ts";

export const prepareImage: Case = {
  id: "prepare-image",
  title: "PrepareImage makes an image ready once and refuses one without a source",
  contract:
    "provider.proto, PrepareImage: Ensures that an image is ready to make VMs from. … Resumable like CreateVM.",
  needs: [Feature.IMAGE_PREPARE],
  async run(context) {
    const { image } = context.fixture;
    if (!image) throw new Skip("the fixture names no image");
    const { image: first } = await context.ensure((options) => once(context, image, options));
    const { id } = expectPresent(first, "PrepareImageResponse.image when COMPLETE");
    const again = await once(context, image);
    expectEqual(again.state, EnsureState.COMPLETE, "state of the repetition");
    expectEqual(again.image?.id, id, "id that the repetition brings");
    const nothing = once(context, Image.fromPartial({ name: "nowhere" }));
    const missing = { code: status.FAILED_PRECONDITION, reason: "IMAGE_SOURCE_MISSING" };
    const { message } = await expectError(nothing, missing, "an image without a source");
    expect(message !== "", "message: expected what to add, got nothing");
  },
};

function once({ provider, signal }: CaseContext, image: Image, options = {}) {
  return provider.prepareImage(PrepareImageRequest.fromPartial({ image }), { signal, ...options });
}

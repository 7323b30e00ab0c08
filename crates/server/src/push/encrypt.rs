//! Encryption that only the browser can undo: RFC 8291, in the coding of RFC 8188.

use centrala_domain::push::PushAddress;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};

const SALT_BYTES: usize = 16;
const KEY_BYTES: usize = 16;
/// The one record is as long as the smallest that RFC 8291 section 4 lets a push service take.
const RECORD_BYTES: u32 = 4096;
/// Ends the last record (RFC 8188 section 2).
const LAST: u8 = 2;

/// A notice could not be encrypted: the browser's key is no point, or the system gives no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the notice could not be encrypted for this browser")]
pub(super) struct EncryptError;

impl From<Unspecified> for EncryptError {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

/// The length of what HKDF gives.
#[derive(Clone, Copy)]
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// Encrypts a text for a browser, with a key that is used once.
///
/// # Errors
/// [`EncryptError`].
pub(super) fn encrypt(to: &PushAddress, text: &[u8]) -> Result<Vec<u8>, EncryptError> {
    let random = SystemRandom::new();
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random)?;
    let own_public = own.compute_public_key()?;
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt)?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, to.p256dh.expose());
    let auth = to.auth.expose();
    let made = agree_ephemeral(own, &theirs, |secret| {
        let keys = Keys::of(secret, auth, to.p256dh.expose(), own_public.as_ref(), &salt)?;
        keys.message(text, &salt, own_public.as_ref())
    })?;
    Ok(made?)
}

/// Key and nonce of the one record.
struct Keys {
    key: [u8; KEY_BYTES],
    nonce: [u8; NONCE_LEN],
}

impl Keys {
    /// RFC 8291 section 3.4.
    fn of(
        secret: &[u8],
        auth: &[u8],
        browser: &[u8],
        server: &[u8],
        salt: &[u8; SALT_BYTES],
    ) -> Result<Self, Unspecified> {
        let mut input = [0; 32];
        let info = [b"WebPush: info\0".as_slice(), browser, server];
        expand(&Salt::new(HKDF_SHA256, auth).extract(secret), &info, &mut input)?;
        let prk = Salt::new(HKDF_SHA256, salt).extract(&input);
        let mut keys = Self { key: [0; KEY_BYTES], nonce: [0; NONCE_LEN] };
        expand(&prk, &[b"Content-Encoding: aes128gcm\0"], &mut keys.key)?;
        expand(&prk, &[b"Content-Encoding: nonce\0"], &mut keys.nonce)?;
        Ok(keys)
    }

    /// The header of RFC 8188 section 2.1, and one record.
    fn message(&self, text: &[u8], salt: &[u8; SALT_BYTES], server: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let mut record = [text, &[LAST]].concat();
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &self.key)?);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(self.nonce), Aad::empty(), &mut record)?;
        let key_bytes = u8::try_from(server.len()).map_err(|_| Unspecified)?;
        Ok([salt.as_slice(), &RECORD_BYTES.to_be_bytes(), &[key_bytes], server, &record].concat())
    }
}

fn expand(prk: &Prk, info: &[&[u8]], into: &mut [u8]) -> Result<(), Unspecified> {
    prk.expand(info, Length(into.len()))?.fill(into)
}

#[cfg(test)]
pub(super) mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use centrala_domain::Private;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// A browser that can read one message.
    pub(in crate::push) struct Browser {
        key: EphemeralPrivateKey,
        pub(in crate::push) p256dh: Vec<u8>,
        pub(in crate::push) auth: [u8; 16],
    }

    impl Browser {
        pub(in crate::push) fn new() -> Self {
            let random = SystemRandom::new();
            let key = EphemeralPrivateKey::generate(&ECDH_P256, &random).unwrap();
            let p256dh = key.compute_public_key().unwrap().as_ref().to_vec();
            let mut auth = [0; 16];
            random.fill(&mut auth).unwrap();
            Self { key, p256dh, auth }
        }

        pub(in crate::push) fn address(&self, endpoint: &str) -> PushAddress {
            let (p256dh, auth) = (self.p256dh.clone().into(), self.auth.to_vec().into());
            PushAddress { endpoint: endpoint.into(), p256dh, auth }
        }

        /// Reads as a browser does, by RFC 8188 and 8291; written apart from the code above.
        pub(in crate::push) fn read(self, message: &[u8]) -> Option<Vec<u8>> {
            let (salt, rest) = message.split_at(16);
            let (size, rest) = rest.split_at(4);
            let (length, rest) = rest.split_at(1);
            let (server, sealed) = rest.split_at(usize::from(length[0]));
            assert_eq!((size, server.len()), ([0, 0, 16, 0].as_slice(), 65));
            assert!(sealed.len() <= 4096);
            let theirs = UnparsedPublicKey::new(&ECDH_P256, server.to_vec());
            let shared = agree_ephemeral(self.key, &theirs, <[u8]>::to_vec).unwrap();
            let hmac = |key: &[u8], parts: &[&[u8]]| {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
                ring::hmac::sign(&key, &parts.concat()).as_ref().to_vec()
            };
            let prk = hmac(&self.auth, &[&shared]);
            let ikm = hmac(&prk, &[b"WebPush: info\0", &self.p256dh, server, &[1]]);
            let prk = hmac(salt, &[&ikm]);
            let key = hmac(&prk, &[b"Content-Encoding: aes128gcm\0\x01"]);
            let nonce = hmac(&prk, &[b"Content-Encoding: nonce\0\x01"]);
            let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).unwrap());
            let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
            let mut record = sealed.to_vec();
            let text = key.open_in_place(nonce, Aad::empty(), &mut record).ok()?;
            let (last, text) = text.split_last().unwrap();
            assert_eq!(*last, 2);
            Some(text.to_vec())
        }
    }

    /// RFC 8291 appendix A.
    #[test]
    fn message_of_the_standard_comes_out_byte_by_byte() {
        let server =
            bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        let browser =
            bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let salt: [u8; 16] = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let secret = bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let keys = Keys::of(&secret, &auth, &browser, &server, &salt).unwrap();
        assert_eq!(keys.key.as_slice(), bytes("oIhVW04MRdy2XN9CiKLxTg"));
        assert_eq!(keys.nonce.as_slice(), bytes("4h_95klXJ5E_qnoN"));
        let message = keys.message(b"When I grow up, I want to be a watermelon", &salt, &server).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(message), expected);
    }

    #[test]
    fn only_the_browser_reads_it_and_no_two_messages_are_alike() {
        let (browser, other) = (Browser::new(), Browser::new());
        let address = browser.address("https://push.example/1");
        let (one, two) = (encrypt(&address, b"noutate").unwrap(), encrypt(&address, b"noutate").unwrap());
        assert_ne!(one, two);
        let other = Browser { p256dh: browser.p256dh.clone(), auth: browser.auth, ..other };
        assert_eq!(other.read(&one), None);
        assert_eq!(browser.read(&one).unwrap(), b"noutate");
    }

    #[test]
    fn key_that_is_no_point_is_refused() {
        let mut address = Browser::new().address("https://push.example/1");
        address.p256dh = Private::new([[4].as_slice(), &[7; 64]].concat());
        assert_eq!(encrypt(&address, b"noutate"), Err(EncryptError));
    }
}
